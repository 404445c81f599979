import {
  admit,
  describeModule,
  type ScriptBinary,
  type ScriptSystem,
  scriptPolicies,
} from "fusewire/scripting";

export async function loadMod(scripts: ScriptSystem, mod: ScriptBinary) {
  const report = describeModule(admit(mod.bytes)); // throws for what can't be bounded
  console.log(mod.name, "wants", report.imports, "and uses", report.features);
  await scripts.load(mod, {
    limits: { fuelPerCall: 20_000, memoryBytes: 1 << 20 },
    policy: {
      ...scriptPolicies.closed, // its own entity, and nothing that spawns or despawns
      read: ["Position", "Patrol.speed"],
      write: ["Position"],
      redacted: ["Patrol.speed"], // it sees the default, whatever the speed is
      faults: { maxStrikes: 1 },
    },
  });
}
