import { type INestApplication, type INestApplicationContext, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { ACCESS } from '#http';
import type { Access } from './access.js';

export interface RouteAccess {
  readonly route: string;
  readonly handler: string;
  readonly access: Access | undefined;
}

type Handler = (...args: unknown[]) => unknown;

function paths(metadata: unknown): string[] {
  return (Array.isArray(metadata) ? metadata : [metadata]).map((path) => String(path ?? '').replace(/^\/|\/$/g, ''));
}

/** Every HTTP route of the app's controllers with what it states about access, sorted by path and method. */
export function listRouteAccess(app: INestApplicationContext): RouteAccess[] {
  const scanner = new MetadataScanner();
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  const routes = controllers.flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype = metatype.prototype as Record<string, Handler>;
    return scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name] as Handler;
      const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
      if (method === undefined) return [];
      const access = (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, metatype)) as
        | Access
        | undefined;
      return paths(Reflect.getMetadata(PATH_METADATA, metatype)).flatMap((base) =>
        paths(Reflect.getMetadata(PATH_METADATA, handler)).map((path) => ({
          route: `${RequestMethod[method]} /${[base, path].filter(Boolean).join('/')}`,
          handler: `${metatype.name}.${name}`,
          access,
        })),
      );
    });
  });
  return routes.sort((a, b) => (a.route < b.route ? -1 : 1));
}

/** Refuses to start with a route that says nothing about access. @throws Error naming each such route. */
export function assertRoutesDeclareAccess(app: INestApplication | INestApplicationContext): void {
  const silent = listRouteAccess(app).filter(({ access }) => access === undefined);
  if (silent.length > 0) {
    const list = silent.map(({ route, handler }) => `${route} (${handler})`).join(', ');
    throw new Error(`Routes without @Public() or @Roles(...): ${list}`);
  }
}
