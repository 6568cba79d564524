export * from './documents.js';
export { nestsDeeperThan } from './json-body.js';
export { ACCESS } from './operations.controller.js';
export * from './problem.js';
export * from './request-values.js';
export * from './service.js';
export * from './service.module.js';
