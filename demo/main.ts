import { Game } from "../engine/index.ts";
import { InputState, ScriptSystem } from "../scripting/index.ts";
import { connectControls } from "./controls.ts";
import { byId } from "./dom.ts";
import { FrameHistory } from "./frames.ts";
import { gameScripts } from "./game-scripts.ts";
import { Gremlins } from "./gremlins.ts";
import { createHook } from "./hook.ts";
import { addHud } from "./hud.ts";
import { Library } from "./library.ts";
import { CompileErrors } from "./panel/compile-errors.ts";
import { FaultFeed } from "./panel/fault-feed.ts";
import { addInspector } from "./panel/inspector.ts";
import { MischiefPanel } from "./panel/mischief-panel.ts";
import { Stage } from "./render/stage.ts";
import { addCollision } from "./systems/collision.ts";
import { addFrameTimer } from "./systems/frame-timer.ts";
import { addSensors } from "./systems/sensors.ts";
import { createLevel } from "./world.ts";

const { world, turret } = createLevel();
const canvas = byId("canvas", HTMLCanvasElement);
const nebula = byId("nebula", HTMLCanvasElement);
const input = new InputState();
const game = new Game({ world });
const scripts = new ScriptSystem({
  world,
  input,
  frameBudgetMs: 4,
  // Whoever plays with the scripts is who writes them.
  guestText: true,
  limits: {
    memoryBytes: 256 * 1024,
    hostCallsPerCall: 1_000,
    // Fuel stops a script long before a deadline would, and on a machine that has other things to do a
    // deadline would stop the innocent as well.
    callTimeMs: Infinity,
  },
});
const frames = new FrameHistory();

game.use(scripts);
addCollision(game);
addSensors(game, turret);
const stage = await Stage.open({ canvas, nebula }, game, turret);
connectControls(canvas, stage.camera, input);
addHud(game, turret);
addInspector(game, scripts, frames);
addFrameTimer(game, scripts, frames);

const faults = new FaultFeed();
scripts.on("fault", ({ fault, outcome, strikes }) => {
  faults.add(fault, outcome === "disabled" ? "fuse blown" : `strike ${strikes}`);
});
const library = new Library(scripts, new CompileErrors(), faults);
const mischief = new MischiefPanel(new Gremlins(game, scripts, stage.labels, turret), library);

let ready = false;
window.fusewireDemo = createHook({
  world,
  turret,
  scripts,
  frames,
  frame: () => game.time.frame,
  faults: () => faults.count,
  ready: () => ready,
  release: (name) => mischief.release(name),
});

game.start();
await Promise.all(gameScripts.map((module) => library.add(module)));
ready = true;
await mischief.prefetch();
