/**
 * What `/doctor` may find, in plain English: a title, a sentence for each state that can occur, and what to do. The codes are
 * permanent. The client has the same in its languages as `doctor.<CODE>.title`, `.<state>` and `.mend`; the troubleshooting
 * sections of the READMEs repeat the sentences of what is wrong (pinned by test/pins/troubleshooting.test.ts).
 */
export interface FindingTexts {
  readonly title: string;
  readonly ok: string;
  readonly warning?: string;
  readonly problem?: string;
  readonly unknown?: string;
  readonly mend: string;
}

export const findingTexts = {
  ADDRESS: {
    title: 'The address of this page',
    ok: 'You opened the address that the server knows as its own.',
    warning: 'You opened {address}, but PUBLIC_URL is {publicUrl}.',
    unknown: 'PUBLIC_URL is not set, or the request did not tell its address.',
    mend: 'Open the address of PUBLIC_URL, or set PUBLIC_URL to the address that people open and start again. Further addresses belong in ALLOWED_ORIGINS.',
  },
  HTTPS: {
    title: 'The lock in the address bar',
    ok: 'What the proxy says about HTTPS fits PUBLIC_URL.',
    problem: 'PUBLIC_URL begins with https://, but the proxy says that this request came over http.',
    unknown: 'Nothing in front of the server speaks of HTTPS.',
    mend: 'Let the proxy send X-Forwarded-Proto: https for what comes over TLS, and lead people from http:// to https://.',
  },
  COOKIE: {
    title: 'The sign-in cookie',
    ok: 'The browser keeps the cookie of your sign-in.',
    warning: 'You are signed in, but the browser sent no cookie: a reload may sign you out.',
    problem: 'The cookie is marked as secure, but this page came over http: the browser throws it away.',
    unknown: 'This request came from a program, not from a browser.',
    mend: 'Open the page over https:// and allow cookies for this address. If the page is open over https:// already, the proxy has to send X-Forwarded-Proto: https.',
  },
  WEBSOCKET: {
    title: 'The live connection',
    ok: 'A connection of yours is open.',
    problem: 'None of your pages has a connection to the server.',
    unknown: 'This request came from a program, which needs no live connection.',
    mend: 'Let the proxy pass WebSocket upgrades to /ws (nginx: proxy_http_version 1.1 and the headers Upgrade and Connection), and let a silent connection live for 60 s. Extensions of the browser may block it too.',
  },
  CLOCK: {
    title: 'The clocks',
    ok: 'The clocks of the server and the database agree.',
    problem: 'The clocks of the server and the database differ by {seconds} s.',
    unknown: 'The database did not tell its time.',
    mend: 'Switch on time synchronisation (NTP) on both machines.',
  },
  PROXY: {
    title: 'The addresses of people',
    ok: 'The address of a person is read where CLIENT_IP says.',
    warning:
      'A proxy sends X-Forwarded-For, but CLIENT_IP is direct: everybody seems to come from the proxy, and limits for an address hit all at once.',
    problem: 'A forged address is believed: anybody can get past the limits for an address.',
    unknown: 'Only a request of the page shows what the proxy sends.',
    mend: 'Set CLIENT_IP to render, heroku or railway, to hops:1 behind one proxy of your own, or to header:<name>, and start again. /debug/ip shows what arrives.',
  },
  DISK: {
    title: 'Room on the disk',
    ok: '{freeMb} MB are free where DATA_DIR lies.',
    warning: 'Only {freeMb} MB are free where DATA_DIR lies.',
    problem: 'The disk is nearly full: {freeMb} MB are free where DATA_DIR lies. Soon nothing can be stored.',
    unknown: 'The system does not tell how much room is free.',
    mend: 'Make room, or move DATA_DIR to a larger disk.',
  },
  DISK_LOST: {
    title: 'A disk that stays',
    ok: 'What is stored stays when the server starts anew.',
    problem: 'The disk of this platform is emptied by each deploy, and with it all accounts, conversations and pictures.',
    mend: 'Set MONGO_URI, or attach a disk and set DATA_DIR to its path.',
  },
  DATABASE: {
    title: 'The database',
    ok: 'The database answered within {ms} ms.',
    warning: 'The database is slow: it took {ms} ms to answer.',
    problem: 'The database does not answer.',
    mend: 'See that the database runs, that MONGO_URI has the right name, user and password, and that its network access list holds this server. Without MONGO_URI: see that DATA_DIR can be written. A slow one should stand nearer to the server.',
  },
  SECRET: {
    title: 'The key that signs sessions',
    ok: 'The key that signs sessions is a strong one and stays.',
    warning: 'JWT_SECRET_KEY_PREVIOUS is still set: sessions that the old key signed are accepted.',
    problem: 'JWT_SECRET_KEY is not set, and the one that the server made is lost with its disk: each deploy signs everybody out.',
    mend: 'Set JWT_SECRET_KEY to at least 32 random characters. Take JWT_SECRET_KEY_PREVIOUS out once SESSION_DAYS have passed since the change.',
  },
  MODEL_KEY: {
    title: 'The key of the model service',
    ok: 'The model service accepts the key.',
    warning: 'There is no GEMINI_API_KEY: only the built-in demo answers.',
    problem: 'The model service refuses its key (GEMINI_API_KEY or OPENAI_API_KEY).',
    unknown: 'The key has not been tried yet.',
    mend: 'Make a key at https://aistudio.google.com/apikey, set GEMINI_API_KEY and start again; or set OPENAI_BASE_URL, and OPENAI_API_KEY where that service wants one.',
  },
  MODEL_SERVICE: {
    title: 'The way to the model service',
    ok: 'The model service can be reached.',
    problem: 'The model service cannot be reached, or has a fault.',
    unknown: 'The model service has not been asked yet.',
    mend: 'See that the server may open connections to the address of GEMINI_BASE_URL or OPENAI_BASE_URL. A fault of the service itself passes: try again later.',
  },
  QUOTA: {
    title: 'The limits of the model service',
    ok: 'The model service has not refused anything because of a limit lately.',
    warning: 'The model service refused {model} because a limit of the key is used up. It is asked again in {seconds} s.',
    mend: 'Wait, choose another model, or move the key to a paid tier. LIMIT_MODEL_RPM and LIMIT_MODEL_RPD keep the server below a limit.',
  },
  MODELS_SHUTDOWN: {
    title: 'The model that answers',
    ok: 'The model that answers by default stays.',
    warning: 'The default model {model} is shut down on {date}.',
    problem: 'The default model {model} was shut down on {date}.',
    unknown: 'Nothing is known about how long the default model stays.',
    mend: 'Set GEMINI_MODEL to another model and start again; /model lists them.',
  },
  PLUGINS: {
    title: 'Plugins',
    ok: 'No plugin has failed.',
    warning: 'These plugins cannot be used: {names}.',
    mend: 'The page Plugins says why of each. One that failed at work can be switched on again there; one that was refused at the start needs mending and a restart.',
  },
  MEMORY: {
    title: 'Memory',
    ok: 'There is enough memory.',
    warning: 'Memory is getting short: {usedMb} of {limitMb} MB are used.',
    problem: 'Memory is nearly used up: {usedMb} of {limitMb} MB. The server turns work away.',
    unknown: 'Nobody watches the memory of this server.',
    mend: 'Give the container more memory, or lower LIMIT_SOCKETS and UPLOAD_MAX_PIXELS.',
  },
  VERSION: {
    title: 'The version of Node',
    ok: 'Node {version} is supported.',
    problem: 'Node {version} is not supported.',
    mend: 'Install Node {wanted} and start again.',
  },
} as const satisfies Record<string, FindingTexts>;

export type FindingCode = keyof typeof findingTexts;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets the names of a constant table
export const findingCodes = Object.keys(findingTexts) as readonly FindingCode[];
