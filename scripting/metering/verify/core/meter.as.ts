import { input } from "./input.as";

/** The meter's indices in a metered module. */
@unmanaged
export class MeterIndices {
  refill: i32 = 0;
  /** Functions by which the host sets and reads the fuel; the guest must not reach them. */
  begin: i32 = 0;
  remaining: i32 = 0;
  fuel: i32 = 0;
  depth: i32 = 0;
  stop: i32 = 0;
  /** The drivers and their readers, which the host's side has verified, and how many they are. */
  firstDriver: i32 = 0;
  driverCount: i32 = 0;

  /** The imported function that a global is the price of; -1 when it is none. */
  pricedBy(global: i32): i32 {
    return <u32>global < <u32>input.globalCount ? input.prices[global] - 1 : -1;
  }

  @inline isPrice(global: i32): bool {
    return this.pricedBy(global) >= 0;
  }

  /** Whether a global is the meter's: nothing of the guest's may touch it. */
  hasGlobal(global: i32): bool {
    return (
      global == this.fuel || global == this.depth || global == this.stop || this.isPrice(global)
    );
  }

  /** Whether the function sets or reads the fuel. */
  isOwn(functionIndex: i32): bool {
    return (
      functionIndex == this.begin || functionIndex == this.remaining || this.isDriver(functionIndex)
    );
  }

  isDriver(functionIndex: i32): bool {
    return <u32>(functionIndex - this.firstDriver) < <u32>this.driverCount;
  }
}

export const meter: MeterIndices = changetype<MeterIndices>(memory.data(offsetof<MeterIndices>()));
