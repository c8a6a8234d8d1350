import nock from 'nock';

/** Tests over loopback need the real HTTP stack, which an active nock replaces. Call it inside `describe`. */
export function useRealNetwork(): void {
  before(() => {
    if (nock.isActive()) nock.restore();
  });
  after(() => {
    if (!nock.isActive()) nock.activate();
  });
}
