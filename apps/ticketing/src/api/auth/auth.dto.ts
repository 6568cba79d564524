import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, IsString, MaxLength, MinLength } from 'class-validator';

export class SignInDto {
  @ApiProperty({ format: 'email', maxLength: 320 })
  @IsEmail()
  @MaxLength(320)
  email: string;

  @ApiProperty({ format: 'password', maxLength: 256 })
  @IsString()
  @MinLength(1)
  // Bounded: hashing a megabyte is work that anybody could ask for.
  @MaxLength(256)
  password: string;
}

export class RefreshDto {
  @ApiProperty()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  refreshToken: string;
}

export class SessionDto {
  @ApiProperty({ description: 'For the header Authorization: Bearer …' })
  accessToken: string;
  @ApiProperty({ description: 'Good for one use within 14 days; the answer brings the next one' })
  refreshToken: string;
  @ApiProperty({ description: 'Seconds until the access token ends' })
  expiresIn: number;
}

class JwkDto {
  @ApiProperty()
  kid: string;
  @ApiProperty({ example: 'OKP' })
  kty: string;
  @ApiProperty({ example: 'Ed25519' })
  crv: string;
  @ApiProperty({ example: 'EdDSA' })
  alg: string;
  @ApiProperty({ example: 'sig' })
  use: string;
  @ApiProperty()
  x: string;
}

export class JwkSetDto {
  @ApiProperty({ type: [JwkDto] })
  keys: JwkDto[];
}
