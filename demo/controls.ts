import type { InputState } from "../scripting/index.ts";
import type { Camera } from "./render/camera.ts";

const gameKeys: ReadonlySet<string> = new Set([
  "ArrowUp",
  "ArrowDown",
  "ArrowLeft",
  "ArrowRight",
  "KeyW",
  "KeyA",
  "KeyS",
  "KeyD",
  "Space",
]);

/** Feeds pointer and keyboard to the scripts; the pointer in world units. */
export function connectControls(
  canvas: HTMLCanvasElement,
  camera: Camera,
  input: InputState,
): void {
  const point = (event: PointerEvent): void => {
    input.pointerX = camera.worldX(event.offsetX);
    input.pointerY = camera.worldY(event.offsetY);
  };
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    point(event);
    canvas.setPointerCapture(event.pointerId);
    input.pointerDown = true;
  });
  for (const over of ["pointerup", "pointercancel"] as const) {
    canvas.addEventListener(over, () => {
      input.pointerDown = false;
    });
  }
  addEventListener("keydown", (event) => {
    if (!isForGame(event)) return;
    event.preventDefault();
    input.keyDown(event.code);
  });
  addEventListener("keyup", (event) => input.keyUp(event.code));
  addEventListener("blur", () => input.releaseAll());
}

/** Not when it would work a button, scroll the panel, or be a shortcut of the browser. */
function isForGame(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || !gameKeys.has(event.code)) return false;
  return !(event.target instanceof Element && event.target.closest(".panel") !== null);
}
