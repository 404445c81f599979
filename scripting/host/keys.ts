/**
 * Numbers for the web's key names (`KeyboardEvent.code`), which is what crosses to a script: a
 * key's usage id on the USB keyboard page, so that they mean the same for ever. The sdk's `Key`
 * has the same names and numbers.
 */
export const keyCodes: ReadonlyMap<string, number> = new Map([
  ...run(
    0x04,
    [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((letter) => `Key${letter}`),
  ),
  ...run(
    0x1e,
    [..."1234567890"].map((digit) => `Digit${digit}`),
  ),
  ...run(0x28, ["Enter", "Escape", "Backspace", "Tab", "Space", "Minus", "Equal"]),
  ...run(0x2f, ["BracketLeft", "BracketRight", "Backslash"]),
  ...run(0x33, ["Semicolon", "Quote", "Backquote", "Comma", "Period", "Slash", "CapsLock"]),
  ...run(
    0x3a,
    Array.from({ length: 12 }, (_, at) => `F${at + 1}`),
  ),
  ...run(0x49, ["Insert", "Home", "PageUp", "Delete", "End", "PageDown"]),
  ...run(0x4f, ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"]),
  ...run(0x54, ["NumpadDivide", "NumpadMultiply", "NumpadSubtract", "NumpadAdd", "NumpadEnter"]),
  ...run(
    0x59,
    [..."1234567890"].map((digit) => `Numpad${digit}`),
  ),
  ...run(0xe0, ["ControlLeft", "ShiftLeft", "AltLeft", "MetaLeft"]),
  ...run(0xe4, ["ControlRight", "ShiftRight", "AltRight", "MetaRight"]),
]);

/** Key numbers are below this. */
export const keyCodeCount = 256;

function run(first: number, names: readonly string[]): [string, number][] {
  return names.map((name, at) => [name, first + at]);
}
