import { ApiProperty } from '@nestjs/swagger';

export class UploadDto {
  @ApiProperty({ format: 'uuid', description: 'For `attachments` of one answer of the same caller' })
  id: string;
  @ApiProperty({ description: 'Without path and invisible characters' })
  name: string;
  @ApiProperty({ description: 'By content; of text, as it was sent', example: 'image/png' })
  contentType: string;
  @ApiProperty({ description: 'Bytes' })
  size: number;
  @ApiProperty()
  sha256: string;
  @ApiProperty({ format: 'date-time', description: 'Until then it waits for its answer' })
  expiresAt: string;
}
