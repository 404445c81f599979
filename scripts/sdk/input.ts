// @ts-ignore: decorator
@external("input", "down")
declare function input_down(key: i32): bool;

// @ts-ignore: decorator
@external("input", "pressed")
declare function input_pressed(key: i32): bool;

// @ts-ignore: decorator
@external("input", "pointerX")
declare function input_pointerX(): f32;

// @ts-ignore: decorator
@external("input", "pointerY")
declare function input_pointerY(): f32;

// @ts-ignore: decorator
@external("input", "pointerDown")
declare function input_pointerDown(): bool;

/** Keyboard and pointer, as they were when the frame began. */
export abstract class Input {
  /** Whether the key is held down. */
  // @ts-ignore: decorator
  @inline
  static down(key: Key): bool {
    return input_down(key);
  }

  /** Whether the key went down since the frame before; true for one frame however long it is held. */
  // @ts-ignore: decorator
  @inline
  static pressed(key: Key): bool {
    return input_pressed(key);
  }

  /** The pointer's place, in the game's own units. */
  // @ts-ignore: decorator
  @inline
  static get pointerX(): f32 {
    return input_pointerX();
  }

  /** The pointer's place, in the game's own units. */
  // @ts-ignore: decorator
  @inline
  static get pointerY(): f32 {
    return input_pointerY();
  }

  /** Whether the pointer's main button, or a finger, is down. */
  // @ts-ignore: decorator
  @inline
  static get pointerDown(): bool {
    return input_pointerDown();
  }
}

/** Keys by their place on the keyboard, under the web's names (`KeyboardEvent.code`). */
export const enum Key {
  KeyA = 0x04,
  KeyB = 0x05,
  KeyC = 0x06,
  KeyD = 0x07,
  KeyE = 0x08,
  KeyF = 0x09,
  KeyG = 0x0a,
  KeyH = 0x0b,
  KeyI = 0x0c,
  KeyJ = 0x0d,
  KeyK = 0x0e,
  KeyL = 0x0f,
  KeyM = 0x10,
  KeyN = 0x11,
  KeyO = 0x12,
  KeyP = 0x13,
  KeyQ = 0x14,
  KeyR = 0x15,
  KeyS = 0x16,
  KeyT = 0x17,
  KeyU = 0x18,
  KeyV = 0x19,
  KeyW = 0x1a,
  KeyX = 0x1b,
  KeyY = 0x1c,
  KeyZ = 0x1d,
  Digit1 = 0x1e,
  Digit2 = 0x1f,
  Digit3 = 0x20,
  Digit4 = 0x21,
  Digit5 = 0x22,
  Digit6 = 0x23,
  Digit7 = 0x24,
  Digit8 = 0x25,
  Digit9 = 0x26,
  Digit0 = 0x27,
  Enter = 0x28,
  Escape = 0x29,
  Backspace = 0x2a,
  Tab = 0x2b,
  Space = 0x2c,
  Minus = 0x2d,
  Equal = 0x2e,
  BracketLeft = 0x2f,
  BracketRight = 0x30,
  Backslash = 0x31,
  Semicolon = 0x33,
  Quote = 0x34,
  Backquote = 0x35,
  Comma = 0x36,
  Period = 0x37,
  Slash = 0x38,
  CapsLock = 0x39,
  F1 = 0x3a,
  F2 = 0x3b,
  F3 = 0x3c,
  F4 = 0x3d,
  F5 = 0x3e,
  F6 = 0x3f,
  F7 = 0x40,
  F8 = 0x41,
  F9 = 0x42,
  F10 = 0x43,
  F11 = 0x44,
  F12 = 0x45,
  Insert = 0x49,
  Home = 0x4a,
  PageUp = 0x4b,
  Delete = 0x4c,
  End = 0x4d,
  PageDown = 0x4e,
  ArrowRight = 0x4f,
  ArrowLeft = 0x50,
  ArrowDown = 0x51,
  ArrowUp = 0x52,
  NumpadDivide = 0x54,
  NumpadMultiply = 0x55,
  NumpadSubtract = 0x56,
  NumpadAdd = 0x57,
  NumpadEnter = 0x58,
  Numpad1 = 0x59,
  Numpad2 = 0x5a,
  Numpad3 = 0x5b,
  Numpad4 = 0x5c,
  Numpad5 = 0x5d,
  Numpad6 = 0x5e,
  Numpad7 = 0x5f,
  Numpad8 = 0x60,
  Numpad9 = 0x61,
  Numpad0 = 0x62,
  ControlLeft = 0xe0,
  ShiftLeft = 0xe1,
  AltLeft = 0xe2,
  MetaLeft = 0xe3,
  ControlRight = 0xe4,
  ShiftRight = 0xe5,
  AltRight = 0xe6,
  MetaRight = 0xe7,
}
