import * as z from 'zod';

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  MONGODB_URI: z.string().default(''),
  DATA_DIR: z.string().default('./data'),
  SUANPAN_KEY: z.string().default(''),
  ROLES: z.string().default('api,jobs').transform((text) => text.split(',').map((r) => r.trim())).pipe(z.array(z.enum(['api', 'jobs']))),
  OWNER_TOKEN: z.string().default(''),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  HTTPS_CERT: z.string().default(''),
  HTTPS_KEY: z.string().default(''),
  /** `smtp://user:password@host:port`; absent: nothing is mailed. */
  SMTP_URL: z.string().default(''),
  MAIL_FROM: z.string().default(''),
  /** How many days of orders the sandbox company is loaded with. */
  DEMO_DAYS: z.coerce.number().int().min(1).max(90).default(90),
});
export type Config = Readonly<{
  port: number; host: string; mongodbUri: string; dataDir: string; key: string; roles: readonly ('api' | 'jobs')[]; ownerToken: string;
  logLevel: string; httpsCert: string; httpsKey: string; smtpUrl: string; mailFrom: string; demoDays: number;
}>;

/** Reads and checks the environment; the answer is frozen. Throws with every wrong variable named. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) throw new Error(`environment: ${z.prettifyError(parsed.error)}`);
  const e = parsed.data;
  return Object.freeze({
    port: e.PORT, host: e.HOST, mongodbUri: e.MONGODB_URI, dataDir: e.DATA_DIR, key: e.SUANPAN_KEY, roles: e.ROLES, ownerToken: e.OWNER_TOKEN,
    logLevel: e.LOG_LEVEL, httpsCert: e.HTTPS_CERT, httpsKey: e.HTTPS_KEY, smtpUrl: e.SMTP_URL, mailFrom: e.MAIL_FROM, demoDays: e.DEMO_DAYS,
  });
}

/** For the log at start: secrets shown only as set or not. */
export const maskedConfig = (c: Config): Record<string, unknown> => ({
  ...c, key: c.key ? 'set' : 'absent', ownerToken: c.ownerToken ? 'set' : 'absent', smtpUrl: c.smtpUrl ? 'set' : 'absent', mongodbUri: c.mongodbUri.replace(/\/\/[^@]*@/, '//***@'),
});

/** What a child process gets: our environment with some values set. */
export const childEnvironment = (over: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({ ...process.env, ...over });
