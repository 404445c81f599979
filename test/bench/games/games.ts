import { boids } from "./boids/boids.ts";
import { churn } from "./churn/churn.ts";
import type { Game } from "./game.ts";
import { messages } from "./messages/messages.ts";
import { states } from "./states/states.ts";

/** All games, in the order they are measured in. */
export const games: readonly Game[] = [boids, churn, states, messages];
