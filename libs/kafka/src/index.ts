export { PublishError, type PublishErrorCode, publishErrorCodes } from './publish-error.js';
export { Publisher, type PublisherOptions } from './publisher.js';
