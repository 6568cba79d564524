// The stock web form: NestJS on Express with class-validator, awaiting `ClientKafka.emit` for each request, as Nest's own documentation
// teaches. It writes the event and its original, as ours does.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Inject, Module, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ClientKafka, ClientsModule, Transport } from '@nestjs/microservices';
import { IsEmail, IsOptional, IsString, MaxLength } from 'class-validator';
import { lastValueFrom } from 'rxjs';

class FeedbackDto {
  @IsOptional() @IsString() @MaxLength(200) name?: string;
  @IsOptional() @IsEmail() email?: string;
  @IsOptional() @IsString() @MaxLength(40) phone?: string;
  @IsOptional() @IsString() @MaxLength(300) subject?: string;
  @IsString() @MaxLength(20_000) message: string;
}

@Controller()
class FeedbackController {
  constructor(@Inject('KAFKA') private readonly kafka: ClientKafka) {}

  @Post('api/v1/feedback')
  @HttpCode(202)
  async create(@Body() body: FeedbackDto) {
    const id = randomUUID();
    await lastValueFrom(
      this.kafka.emit('feedback.received.v1', {
        key: id,
        value: JSON.stringify({ id, receivedAt: new Date(), ...body }),
      }),
    );
    await lastValueFrom(this.kafka.emit('feedback.raw.v1', { key: id, value: JSON.stringify(body) }));
    return { id };
  }
}

@Module({
  imports: [
    ClientsModule.register([
      {
        name: 'KAFKA',
        transport: Transport.KAFKA,
        options: {
          client: { brokers: (process.env.KAFKA_BROKERS ?? '').split(','), logLevel: 1 },
          producerOnlyMode: true,
          send: { acks: -1 },
        },
      },
    ]),
  ],
  controllers: [FeedbackController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
await app.get<ClientKafka>('KAFKA').connect();
await app.listen(Number(process.env.PORT), '127.0.0.1');
