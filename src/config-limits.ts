import type { Environment } from './config-variables.ts';

/** Limits, 0 = off. Names are those of the variables without `LIMIT_`; bytes, milliseconds and requests as the name says. */
export type ConfigLimits = ReturnType<typeof limitsFrom>;
/** Caps on pictures that are sent in: bytes, pixels, pixels a side, bytes a user (0 = no quota), pictures a message. */
export type ConfigUploads = ReturnType<typeof uploadsFrom>;

export function limitsFrom(values: Environment) {
  return {
    frameBytes: values.LIMIT_FRAME_BYTES,
    textBytes: values.LIMIT_TEXT_BYTES,
    framesPerMinute: values.LIMIT_FRAMES_PER_MINUTE,
    connections: values.LIMIT_CONNECTIONS,
    sockets: values.LIMIT_SOCKETS,
    socketsPerUser: values.LIMIT_SOCKETS_PER_USER,
    socketsPerIp: values.LIMIT_SOCKETS_PER_IP,
    socketQueueBytes: values.LIMIT_SOCKET_QUEUE_BYTES,
    socketQueueEvents: values.LIMIT_SOCKET_QUEUE_EVENTS,
    helloMs: values.LIMIT_HELLO_MS,
    pingMs: values.LIMIT_PING_MS,
    pongMs: values.LIMIT_PONG_MS,
    anonymousIdleMs: values.LIMIT_ANONYMOUS_IDLE_MS,
    generationsPerUser: values.LIMIT_GENERATIONS_PER_USER,
    messagesPerMinute: values.LIMIT_MESSAGES_PER_MINUTE,
    loginsPerMinutePerIp: values.LIMIT_LOGINS_PER_MINUTE_PER_IP,
    signupsPerHourPerIp: values.LIMIT_SIGNUPS_PER_HOUR_PER_IP,
    historyBytes: values.LIMIT_HISTORY_BYTES,
    historyMessages: values.LIMIT_HISTORY_MESSAGES,
    modelRpm: values.LIMIT_MODEL_RPM,
    modelRpd: values.LIMIT_MODEL_RPD,
    userRpm: values.LIMIT_USER_RPM,
    userRpd: values.LIMIT_USER_RPD,
    userTokensPerDay: values.LIMIT_USER_TOKENS_PER_DAY,
    userCentsPerDay: values.LIMIT_USER_CENTS_PER_DAY,
    userCentsPerMonth: values.LIMIT_USER_CENTS_PER_MONTH,
    centsPerMonth: values.LIMIT_CENTS_PER_MONTH,
    warnPercent: values.LIMIT_WARN_PERCENT,
    /** Undefined: what the container allows, if it says so. */
    memoryMb: values.LIMIT_MEMORY_MB,
    firstTokenMs: values.LIMIT_FIRST_TOKEN_MS,
    firstTokenThinkingMs: values.LIMIT_FIRST_TOKEN_THINKING_MS,
    gapMs: values.LIMIT_GAP_MS,
    totalMs: values.LIMIT_TOTAL_MS,
    outputTokens: values.LIMIT_OUTPUT_TOKENS,
    jobs: values.LIMIT_JOBS,
    jobsPerUser: values.LIMIT_JOBS_PER_USER,
    jobMs: values.LIMIT_JOB_MS,
    jobStallMs: values.LIMIT_JOB_STALL_MS,
    sharesPerUser: values.LIMIT_SHARES_PER_USER,
    sharedReadsPerMinutePerIp: values.LIMIT_SHARED_READS_PER_MINUTE_PER_IP,
    jobSecondsPerUserPerDay: values.LIMIT_JOB_SECONDS_PER_USER_PER_DAY,
  };
}

export function uploadsFrom(values: Environment) {
  return {
    maxBytes: values.UPLOAD_MAX_BYTES,
    maxPixels: values.UPLOAD_MAX_PIXELS,
    maxSide: values.UPLOAD_MAX_SIDE,
    quotaBytes: values.UPLOAD_QUOTA_BYTES,
    maxAttachments: values.UPLOAD_MAX_ATTACHMENTS,
  };
}
