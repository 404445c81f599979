import type { Entity, Game } from "../engine/index.ts";
import { Boss, Health, Session, Turret } from "./components.ts";
import { byId, setText } from "./dom.ts";

const maxLives = 5;

/** Score, wave, lives, the boss's health and the big words, over the picture. */
export function addHud(game: Game, turret: Entity): void {
  const { world } = game;
  const session = world.columns(Session);
  const { manual } = world.columns(Turret);
  const health = world.columns(Health);
  const bosses = world.query([Boss, Health]);

  const score = byId("score", HTMLOutputElement);
  const best = byId("best", HTMLElement);
  const combo = byId("combo", HTMLElement);
  const wave = byId("wave", HTMLOutputElement);
  const hint = byId("hint", HTMLElement);
  const mode = byId("mode", HTMLElement);
  const bossBar = byId("boss-bar", HTMLElement);
  const bossPoints = byId("boss-points", HTMLElement);
  const pips = addPips(byId("lives", HTMLElement));
  const announce = announcer(byId("banner", HTMLElement));

  let shownScore = -1;
  let shownBest = -1;
  let shownCombo = -1;
  let shownWave = -1;
  let shownLives = -1;
  let shownBoss = -1;
  let wasOver = 0;
  let wasManual = false;

  game.addSystem("render", "hud", () => {
    const self = world.resolve(turret);
    if (self < 0) return;
    const nowScore = session.score[self] as number;
    if (nowScore !== shownScore) {
      shownScore = nowScore;
      setText(score, nowScore.toLocaleString("en"));
    }
    const nowBest = session.best[self] as number;
    if (nowBest !== shownBest) {
      shownBest = nowBest;
      setText(best, nowBest === 0 ? "" : `best ${nowBest.toLocaleString("en")}`);
    }
    const nowCombo = Math.floor((session.combo[self] as number) / 5) * 5;
    if (nowCombo !== shownCombo) {
      shownCombo = nowCombo;
      setText(combo, nowCombo === 0 ? "" : `${nowCombo}+ in a row`);
    }
    const nowLives = session.lives[self] as number;
    if (nowLives !== shownLives) {
      shownLives = nowLives;
      pips.forEach((pip, i) => {
        pip.className = i < nowLives ? "" : "spent";
      });
    }
    const [boss] = bosses.entities();
    const share = boss === undefined ? 0 : share100(health.points[boss], health.full[boss]);
    if (share !== shownBoss) {
      shownBoss = share;
      bossBar.hidden = share === 0;
      bossPoints.style.transform = `scaleX(${share / 100})`;
    }
    const nowWave = session.wave[self] as number;
    if (nowWave !== shownWave) {
      shownWave = nowWave;
      setText(wave, String(Math.max(1, nowWave)));
      if (nowWave > 0) announce(share > 0 ? "Boss" : `Wave ${nowWave}`, share > 0);
    }
    const over = session.over[self] as number;
    if (over !== wasOver) {
      wasOver = over;
      if (over !== 0) announce("Core lost", true);
    }
    const isManual = (manual[self] as number) > 0;
    if (isManual !== wasManual || mode.textContent === "starting") {
      wasManual = isManual;
      setText(mode, isManual ? "you're playing" : "playing itself");
      if (isManual) hint.classList.add("gone");
    }
  });
}

function share100(points: number | undefined, full: number | undefined): number {
  return Math.max(0, Math.ceil((100 * (points ?? 0)) / (full ?? 1)));
}

function addPips(lives: HTMLElement): readonly HTMLElement[] {
  const pips = Array.from({ length: maxLives }, () => document.createElement("i"));
  lives.append(...pips);
  return pips;
}

function announcer(banner: HTMLElement): (words: string, danger: boolean) => void {
  banner.addEventListener("animationend", () => banner.classList.remove("shown"));
  return (words, danger) => {
    setText(banner, words);
    banner.classList.remove("shown");
    banner.classList.toggle("danger", danger);
    requestAnimationFrame(() => banner.classList.add("shown"));
  };
}
