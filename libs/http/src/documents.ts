import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI document of a service, from its controllers and DTOs. */
export function createDocument(app: NestFastifyApplication, name: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle(`Phản Hồi: ${name}`)
    .setDescription('Errors are application/problem+json (RFC 9457) with a stable `code`.')
    .setVersion('v1')
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, config);
}

/** Serves `/openapi.json` and `/docs`; the document is built when first asked for, to keep the start short. */
export function setUpDocuments(app: NestFastifyApplication, name: string): void {
  SwaggerModule.setup('docs', app, () => createDocument(app, name), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
  });
}
