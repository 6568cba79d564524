import { Controller, Get, Module, Post } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Public, Roles } from './access.js';
import { assertRoutesDeclareAccess, listRouteAccess } from './route-access.js';

@Roles('admin')
@Controller('things')
class ThingController {
  @Get()
  list() {}

  @Public()
  @Get(['a', '/b/'])
  open() {}

  helper() {}
}

@Controller()
class SilentController {
  @Post('silent/:id')
  act() {}
}

@Module({ controllers: [ThingController] })
class DeclaredModule {}

@Module({ imports: [DeclaredModule], controllers: [SilentController] })
class SilentModule {}

const start = async (module: new () => object) =>
  (await Test.createTestingModule({ imports: [module] }).compile()).createNestApplication();

const declared = [
  { route: 'GET /things', handler: 'ThingController.list', access: { roles: ['admin'] } },
  { route: 'GET /things/a', handler: 'ThingController.open', access: { public: true } },
  { route: 'GET /things/b', handler: 'ThingController.open', access: { public: true } },
];

it('lists every route with what its method, or else its class, says', async () => {
  const app = await start(DeclaredModule);
  expect(listRouteAccess(app)).toEqual(declared);
  expect(() => assertRoutesDeclareAccess(app)).not.toThrow();
});

it('refuses an app with a route that says nothing, naming it', async () => {
  const app = await start(SilentModule);
  expect(() => assertRoutesDeclareAccess(app)).toThrow(
    'Routes without @Public() or @Roles(...): POST /silent/:id (SilentController.act)',
  );
});
