import { Container, type Renderer, WebGLRenderer } from "pixi.js";
import type { Entity, Game } from "../../engine/index.ts";
import { Session } from "../components.ts";
import { drawAtlas } from "./atlas.ts";
import { Camera } from "./camera.ts";
import { drawGrid } from "./grid.ts";
import { Labels } from "./labels.ts";
import { drawNebula } from "./nebula.ts";
import { Ornament, Resolution } from "./quality.ts";
import { Sprites } from "./sprites.ts";

/** How far a shake moves the picture at its hardest, in world units. */
const shakeReach = 9;

export interface Canvases {
  /** What moves. */
  readonly canvas: HTMLCanvasElement;
  /** What lies under it and stands still. */
  readonly nebula: HTMLCanvasElement;
}

/** The picture: grid, sprites and labels, drawn in the render phase. */
export class Stage {
  readonly camera = new Camera();
  readonly labels: Labels;
  readonly #renderer: Renderer;
  readonly #canvas: HTMLCanvasElement;
  readonly #nebula: HTMLCanvasElement;
  readonly #scene = new Container();
  readonly #sprites: Sprites;
  readonly #clouds: Ornament;
  readonly #resolution = new Resolution();
  /** No GPU: layers and pixels are dear. */
  readonly #software: boolean;
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  #stale = true;

  private constructor(renderer: Renderer, canvases: Canvases, game: Game, software: boolean) {
    this.#renderer = renderer;
    this.#canvas = canvases.canvas;
    this.#nebula = canvases.nebula;
    this.#clouds = new Ornament(canvases.nebula, !software);
    this.#software = software;
    this.#sprites = new Sprites(game.world, drawAtlas());
    this.labels = new Labels(game.world);
    this.#scene.addChild(drawGrid(), this.#sprites.container, this.labels.container);
    new ResizeObserver(() => {
      this.#stale = true;
    }).observe(this.#canvas);
  }

  /** Starts the renderer on its canvas and adds it to the game's frames. */
  static async open(canvases: Canvases, game: Game, turret: Entity): Promise<Stage> {
    const software = drawsInSoftware();
    const renderer = new WebGLRenderer();
    await renderer.init({
      canvas: canvases.canvas,
      backgroundAlpha: 0,
      antialias: false,
      powerPreference: "high-performance",
    });
    const stage = new Stage(renderer, canvases, game, software);
    const { shake } = game.world.columns(Session);
    game.addSystem("render", "draw", () => {
      const index = game.world.resolve(turret);
      stage.#draw(index < 0 ? 0 : (shake[index] as number), game.time.elapsed);
    });
    return stage;
  }

  #fit(): void {
    this.#stale = false;
    const { clientWidth, clientHeight } = this.#canvas;
    this.camera.fit(
      clientWidth,
      clientHeight,
      devicePixelRatio,
      this.#software,
      this.#resolution.share,
    );
    this.#renderer.resize(this.camera.widthPixels, this.camera.heightPixels);
    this.#scene.scale.set(this.camera.scale);
    // A pixel for a pixel looks the same without smoothing, and is laid onto the page faster.
    const exact = this.camera.density === devicePixelRatio;
    this.#canvas.style.imageRendering = exact ? "pixelated" : "auto";
    drawNebula(this.#nebula, clientWidth, clientHeight, this.camera.scale / this.camera.density);
  }

  #draw(shake: number, seconds: number): void {
    const nowMs = performance.now();
    this.#clouds.frame(nowMs);
    if (this.#resolution.frame(nowMs) || this.#stale) this.#fit();
    const reach = this.#still.matches ? 0 : shake * shake * shakeReach * this.camera.scale;
    this.#scene.position.set(
      this.camera.widthPixels / 2 + reach * Math.sin(seconds * 71),
      this.camera.heightPixels / 2 + reach * Math.sin(seconds * 83 + 1),
    );
    this.#sprites.update();
    this.labels.update();
    this.#renderer.render(this.#scene);
  }
}

/** Whether WebGL is here, but on the processor. */
function drawsInSoftware(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}
