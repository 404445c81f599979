// Types of what the Vite plugin serves: /// <reference types="fusewire/vite/client" />

declare module "*?script" {
  const script: import("./script-module.js").ScriptModule;
  export default script;
}

declare module "virtual:fusewire/sdk" {
  /** The text of each of the sdk's files, by its path in the sdk's folder (`index.ts`). */
  const sources: Readonly<Record<string, string>>;
  export default sources;
}
