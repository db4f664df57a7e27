import type { ModelInterface, ModelRegistry } from '../../core/index.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ServerFrame } from '../../protocol/index.ts';
import type { UserService, UserSession } from './user-service.ts';

/** Where numbers are counted. */
export interface MetricCounts {
  /** A name that nobody declared is not counted. */
  add(name: string, by: number, labels?: Readonly<Record<string, string>>): void;
}

export interface PublishedEvent {
  readonly to: { readonly user: string } | { readonly conversation: string };
  readonly frame: ServerFrame;
  /** The client that caused it and was answered already. */
  readonly except?: UserSession | undefined;
}

/**
 * One entry over what passes between people, models and services: models register here, events are published here, metrics
 * are counted here. Today it reaches the people of this process; a bus between processes takes its place behind this class.
 */
export class MessagingService {
  readonly users: UserService;
  readonly models: ModelRegistry;
  readonly #logger: Logger;
  readonly #metrics: MetricCounts;
  #running = false;

  constructor(options: {
    readonly users: UserService;
    readonly models: ModelRegistry;
    readonly metrics: MetricCounts;
    readonly logger: Logger;
  }) {
    this.users = options.users;
    this.models = options.models;
    this.#metrics = options.metrics;
    this.#logger = options.logger;
  }

  registerModel(provider: ModelInterface): void {
    this.models.register(provider);
    this.#logger.info({ provider: provider.name, version: provider.version }, 'model provider registered');
  }

  publishEvent(event: PublishedEvent): void {
    if (!this.#running) return;
    if ('user' in event.to) this.users.sendToUser(event.to.user, event.frame, event.except);
    else this.users.sendToConversation(event.to.conversation, event.frame, event.except);
  }

  /** Adds to a counter that was declared under this name. @param labels never text of a person */
  publishMetric(name: string, value = 1, labels: Readonly<Record<string, string>> = {}): void {
    this.#metrics.add(name, value, labels);
  }

  run(): void {
    this.#running = true;
  }

  async shutdown(): Promise<void> {
    this.#running = false;
    await this.models.release();
  }
}
