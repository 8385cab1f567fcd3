/** How long processes have computed, by Linux. */

/** Clock ticks a second in /proc; the same on every Linux that Deno runs on. */
const TICKS = 100;
const LISTENING = "0A";

/** Seconds of all cores that a process has used since it started. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name, in brackets, may hold anything; after it come the state and numbers.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** The process that listens on a port of this machine. @throws {RangeError} (rejects) when none of ours does */
export async function listenerOn(port: number): Promise<number> {
  const sockets = new Set((await Promise.all(["tcp", "tcp6"].map((table) => socketsIn(table, port)))).flat());
  for await (const { name } of Deno.readDir("/proc")) {
    if (/^\d+$/.test(name) && await holdsOne(name, sockets)) return Number(name);
  }
  throw new RangeError(`Cannot find who listens on port ${port}: no process of ours does`);
}

/** The inodes of the sockets that listen on a port. */
async function socketsIn(table: string, port: number): Promise<string[]> {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = (await Deno.readTextFile(`/proc/net/${table}`)).trim().split("\n").slice(1);
  return rows.map((row) => row.trim().split(/\s+/))
    .filter(([, address = "", , state]) => state === LISTENING && address.endsWith(`:${wanted}`))
    .map((fields) => `socket:[${fields[9]}]`);
}

async function holdsOne(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
      if (sockets.has(await Deno.readLink(`/proc/${pid}/fd/${name}`))) return true;
    }
  } catch {
    // A process that ended meanwhile, or somebody else's: neither is what we look for.
  }
  return false;
}
