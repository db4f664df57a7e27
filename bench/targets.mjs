/**
 * What the figures are held to: `<benchmark>.<id of the figure>`. `most` or `least` is the target, `reach` what would be better still. Ratios have the
 * unit `x`; their baseline is measured in the same run. Every one of them stands in the table that `npm run bench` ends with.
 */
export const targets = {
  'relay.cost-vs-raw': {
    words: 'CPU per relayed token at 100 x 50/s, store and log on, against a hand-written http -> ws relay',
    most: 2,
    reach: 1.6,
    unit: 'x',
  },
  'relay.cost-vs-sdk': { words: 'the same against a bare relay over the SDK', most: 1, unit: 'x' },
  'relay.core-500': { words: '500 streams of 50 tokens/s: share of one core', most: 90, unit: '%' },
  'relay.added-p99-500': { words: '500 streams: latency all the way, p99 (the target is for what is added)', most: 5, unit: 'ms' },
  'relay.added-p99-500-vs-raw': { words: '500 streams: p99 against the hand-written relay', most: 5, unit: 'x' },
  'relay.added-p99-100': { words: '100 streams: latency all the way, p99 (the target is for what is added)', most: 1, unit: 'ms' },
  'relay.heap-per-stream': { words: 'heap for each active stream', most: 64, unit: 'KiB' },
  'relay.heap-per-token': { words: 'heap kept for each token beyond its text', most: 8, unit: 'B' },
  'overload.p99': { words: 'twice that load: latency, p99', most: 70, unit: 'ms' },
  'overload.lost': { words: 'twice that load: tokens lost', most: 0, unit: '' },
  'overload.first-token': { words: 'twice that load: the first token, p99', most: 70, unit: 'ms' },
  'overload.delivered': { words: 'tokens delivered, at the most', least: 300_000, unit: '/s' },
  'fanout.frame-vs-raw': { words: 'send path for each frame against raw ws', most: 1.15, unit: 'x' },
  'idle.rss-per-socket': { words: 'RSS for each idle signed-in socket, at 10,000', most: 12, unit: 'KiB' },
  'idle.handshakes': { words: 'signed-in handshakes', least: 5000, unit: '/s' },
  'idle.return': { words: '10,000 clients back after a restart', most: 2500, unit: 'ms' },
  'upstream.closed': { words: 'upstream closed after stop or drop', most: 50, unit: 'ms' },
  'upstream.rejections': { words: 'unhandled rejections in 1,000 injected drops', most: 0, unit: '' },
  'login-storm.p99': { words: 'p99 token latency under 40 login attempts/s against none', most: 1.5, unit: 'x' },
  'login-storm.stall': { words: 'longest stall of the event loop meanwhile', most: 15, unit: 'ms' },
  'login-storm.refusal': { words: 'a refused login is told in', most: 5, unit: 'ms' },
  'accept.rate': { words: 'accepted messages with fsync and search index, 64 writers, embedded store', least: 10_000, unit: '/s' },
  'history.open-ms': { words: '100,000 messages, embedded: open to the first page of history', most: 60, unit: 'ms' },
  'history.open-rss': { words: 'the same: memory for it', most: 45, unit: 'MiB' },
  'history.open-stall': { words: 'the same: longest stall', most: 10, unit: 'ms' },
  'history.send-ratio': { words: 'send in a conversation of 10,000 messages against one of 10', most: 1.1, unit: 'x' },
  'cold-start.listening': { words: 'cold start to listening against bare node -e 0', most: 3, reach: 2.2, unit: 'x' },
  'cold-start.rss': { words: 'idle RSS, two seconds after the start', most: 80, reach: 70, unit: 'MB' },
  'client.cpu-large': { words: 'browser, 100 kB answer at 200 tokens/s: CPU a token', most: 1, unit: 'ms' },
  'client.frame-large': { words: 'the same: longest frame', most: 33.4, unit: 'ms' },
  'client.dropped-large': { words: 'the same: dropped frames', most: 0.5, unit: '%' },
  'client.long-tasks-large': { words: 'the same: long tasks', most: 0, unit: '' },
  'client.history-ratio': { words: 'the same behind 500 earlier turns against an empty chat', most: 1.2, unit: 'x' },
  'client.frame-large-4x': { words: 'the first half of it at 4x throttle: longest frame', most: 66.8, unit: 'ms' },
  'client.composer-bytes': { words: 'first load to the composer, gzip', most: 100, unit: 'kB' },
  'client.first-load-bytes': { words: 'first load in total, gzip', most: 150, unit: 'kB' },
  'jobs.work-vs-bare': { words: 'image job against bare session.run of the same tiles', most: 1.15, unit: 'x' },
};

/** What a quick run measures with the load that the targets are meant for: elsewhere it has less, and is held to nothing. */
export const judgedWhenQuick = ['relay', 'accept', 'cold-start'];
