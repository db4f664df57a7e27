/** The plugin core: everything that a plugin author may import, as `#core`. */
export { AppError } from '../lib/app-error.ts';
export { BaseChatModel } from './base/base-chat-model.ts';
export { BaseModel, type ModelDescription, type ModelState, type ModelStatus } from './base/base-model.ts';
export { BaseProcessor } from './base/base-processor.ts';
export type { FinishOutcome, ModelEvent, ModelFailure, ModelFailureCode, SurfaceModelEvent } from './base/model-events.ts';
export type {
  ModelHealth,
  ModelImage,
  ModelInterface,
  ModelRequest,
  ModelStreamOptions,
  ModelTurn,
} from './base/model-interface.ts';
export type { ModelPrice, ModelPrices } from './base/model-prices.ts';
export type {
  OutputPicture,
  ProcessorInput,
  ProcessorInterface,
  ProcessorOutput,
  ProcessorRun,
  ProcessorStatus,
  WorkLevel,
} from './base/processor-interface.ts';
export type { ResourceAware, ResourceNeeds, ResourceStatus } from './base/resource-aware.ts';
export {
  type CacheCounts,
  type CacheLevel,
  contentKey,
  MultiLevelCache,
  type MultiLevelCacheOptions,
} from './memory/multi-level-cache.ts';
export { createEventLoopLag, type EventLoopLag, type LoopLag } from './monitoring/event-loop-lag.ts';
export {
  type Counter,
  type Histogram,
  type HistogramSpec,
  type Labels,
  type MetricSnapshot,
  type MetricSpec,
  Metrics,
  type Sample,
} from './monitoring/metrics.ts';
export { declareProcessMetrics, type ProcessFacts } from './monitoring/process-metrics.ts';
export { prometheusContentType, prometheusText } from './monitoring/prometheus-text.ts';
export { boxMean, gaussianMean } from './pictures/box-mean.ts';
export { fillTransparent } from './pictures/fill-transparent.ts';
export { type GuidedFilterOptions, guidedFilter } from './pictures/guided-filter.ts';
export { type AxisWeights, axisWeights, type Kernel } from './pictures/kernel-weights.ts';
export { lightOf, lumaOf, valueOfLight } from './pictures/light.ts';
export { createPace } from './pictures/pace.ts';
export type { Picture, PictureSize } from './pictures/picture.ts';
export {
  channelOf,
  createPicture,
  cropPicture,
  hasTransparency,
  pastePicture,
  peakOf,
  type Rect,
  toEightBit,
  toRgb,
  withAlpha,
} from './pictures/picture-parts.ts';
export { createPlane, type Plane } from './pictures/plane.ts';
export { psnr, ssim } from './pictures/quality.ts';
export { pictureRows, type ResampleOptions, type RowSource, resamplePicture, resamplePlane, resampleRows } from './pictures/resample.ts';
export { createFeatheredCanvas, type FeatheredCanvas, planTiles, type Tile, type TileOptions, tiledPixels } from './pictures/tiles.ts';
export {
  type ActionPayload,
  definePlugin,
  defineProcessor,
  type PluginActionDeclaration,
  type PluginBehaviour,
  type PluginCall,
  type PluginChatModel,
  type PluginCommandDeclaration,
  type PluginContext,
  type PluginDefinition,
  type PluginLog,
  type ProcessorDeclaration,
  type ProcessorEstimate,
  type ProcessorTask,
  pluginApiVersion,
  type StarterDeclaration,
} from './plugins/define-plugin.ts';
export type { FoundPlugin, PluginPlaces } from './plugins/find-plugins.ts';
export type { ModelConversion, ModelFile, ModelManifest, ModelSource } from './plugins/model-manifest.ts';
export type {
  ExecutionProvider,
  ModelSession,
  ModelSessions,
  OpenOptions,
  Tensor,
  TensorInfo,
  TensorType,
  TensorTypes,
} from './plugins/model-session.ts';
export { type FormValues, fittingValues, formOf, parseForm, valueFromWord } from './plugins/plugin-form.ts';
export { type LoadedPlugin, loadPlugins } from './plugins/plugin-loader.ts';
export { refusal } from './plugins/refusal.ts';
export type {
  AskReply,
  HookContext,
  HookEvents,
  HookName,
  Hooks,
  ModeDeclaration,
  ProfileDeclaration,
  SurfaceAction,
  SurfaceAnswer,
  SurfaceBytes,
  SurfaceConversation,
  SurfaceDeclaration,
  SurfaceElement,
  SurfaceEvent,
} from './plugins/surface.ts';
export type { Words } from './plugins/words.ts';
export { type ChosenModel, ModelRegistry } from './processing/model-registry.ts';
export { type ProcessingFacts, type ProcessingFactsStore, processingFactsSchema } from './processing/processing-facts.ts';
export {
  type BegunWork,
  type DeclaredWork,
  type LostWork,
  type MeasuredWork,
  mostSorts,
  ProcessingOptimizer,
  type ProcessingOptimizerOptions,
  type WorkSort,
} from './processing/processing-optimizer.ts';
export {
  complexityOf,
  type PictureRequest,
  ProcessingPipeline,
  type ProcessingPlan,
  type ProcessingRequest,
} from './processing/processing-pipeline.ts';
export { type GrantedNeeds, type GrantedTask, modelKeyOf, modelsOf, type ScheduledTask } from './processing/scheduled-task.ts';
export { type TaskCounts, type TaskPlace, TaskScheduler, type TaskSchedulerOptions } from './processing/task-scheduler.ts';
export type { WorkWay } from './processing/work-ways.ts';
export { AlertGenerator, type ModelAlert } from './resources/alert-generator.ts';
export { CPUAllocator } from './resources/cpu-allocator.ts';
export { GPUAllocator } from './resources/gpu-allocator.ts';
export { MemoryAllocator } from './resources/memory-allocator.ts';
export { type ModelMetrics, ModelMonitor, type ModelRun, type ModelTrend } from './resources/model-monitor.ts';
export { QuotaManager, type QuotaSubject } from './resources/quota-manager.ts';
export { ResourceAllocator } from './resources/resource-allocator.ts';
export {
  type ResourceLevel,
  ResourceMonitor,
  type ResourceMonitorOptions,
  type ResourceThresholds,
  thresholdsOf,
} from './resources/resource-monitor.ts';
export { type Threshold, ThresholdManager } from './resources/threshold-manager.ts';
