import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { catchError, type Observable } from 'rxjs';
import { Problem } from '#http';
import { classifyDatabaseError, type DatabaseErrorClass } from '#postgres';

const answers: Readonly<Record<DatabaseErrorClass, (() => Problem) | undefined>> = {
  transient: () =>
    new Problem(503, 'unavailable', 'The service cannot do this right now', { headers: { 'Retry-After': '2' } }),
  race: () => new Problem(409, 'conflict', 'Somebody else did this at the same moment, or it exists already'),
  permanent: () => new Problem(422, 'value_refused', 'A value cannot be stored'),
  unknown: undefined,
};

/** What a failure of the database means to a caller. */
@Injectable()
export class DatabaseProblemInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    return next.handle().pipe(
      catchError((error: unknown) => {
        if (error instanceof Problem) throw error;
        const answer = answers[classifyDatabaseError(error)];
        throw answer === undefined ? error : answer();
      }),
    );
  }
}
