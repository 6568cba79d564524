import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { channels, fallbackReasons } from '#contracts';

class TriedWayDto {
  @ApiProperty({ enum: channels })
  channel: string;
  @ApiProperty({ enum: fallbackReasons })
  reason: string;
}

/** By which way an answer would leave now; without `channel` none would, and `refused` says why. */
export class AnswerWayDto {
  @ApiPropertyOptional({ enum: channels })
  channel?: string;
  @ApiPropertyOptional({ description: 'Our mailbox, number or page' })
  account?: string;
  @ApiPropertyOptional()
  address?: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Until then the network takes answers; absent: for ever' })
  windowClosesAt?: string;
  @ApiPropertyOptional({ enum: channels, description: 'The channel that the customer used last, where it is another' })
  insteadOf?: string;
  @ApiPropertyOptional({ enum: fallbackReasons })
  fallback?: string;
  @ApiPropertyOptional({ enum: ['no_address', 'window_closed', 'opted_out', 'unreachable'] })
  refused?: string;
  @ApiPropertyOptional({ type: [TriedWayDto] })
  tried?: TriedWayDto[];
}
