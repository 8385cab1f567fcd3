/** `docker-compose.yml` as Docker reads it: variables filled in from the environment, else from their defaults. */
import { parse } from "yaml";
import { z } from "zod";

/** The project's folder. */
export const ROOT = new URL("../../", import.meta.url);

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const service = z.object({
  image: z.string().optional(),
  build: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  entrypoint: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), scalar).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }),
  restart: z.string(),
  security_opt: z.array(z.string()),
  deploy: z.object({ resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string() }) }) }),
});
const compose = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
});

/** A service of the file. */
export type Service = z.infer<typeof service>;
/** The file. */
export type Compose = z.infer<typeof compose>;

/** The text of the file. */
export async function composeText(): Promise<string> {
  return await Deno.readTextFile(new URL("docker-compose.yml", ROOT));
}

/** The file with its variables filled in. @throws {z.ZodError} (rejects) when a service lacks what every one must have */
export async function composeFile(env: Readonly<Record<string, string>> = {}): Promise<Compose> {
  const filled = (_: string, name: string, fallback = "") => env[name] || fallback;
  return compose.parse(parse(await composeText(), (_, value: unknown) => {
    return typeof value === "string" ? value.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, filled) : value;
  }));
}

/** A service. @throws {RangeError} when there is none of the name */
export function serviceOf({ services }: Compose, name: string): Service {
  const found = services[name];
  if (found === undefined) throw new RangeError(`Cannot find service ${name}: there are ${Object.keys(services)}`);
  return found;
}
