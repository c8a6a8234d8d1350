import type { ApiError } from '../errors.ts';
import type { Path } from './ast.ts';
import { malformed, type Token, tokenize } from './tokens.ts';

/** Reads tokens one after the other. */
export class TokenReader {
  readonly soql: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(soql: string) {
    this.soql = soql;
    this.#tokens = tokenize(soql);
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#position + ahead] ?? { kind: 'end', text: '<EOF>', at: this.soql.length };
  }

  next(): Token {
    const token = this.peek();
    this.#position += 1;
    return token;
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'name' && token.text.toUpperCase() === word;
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.#position += 1;
    return true;
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected();
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.text === symbol;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#position += 1;
    return true;
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected();
  }

  path(): Path {
    const token = this.next();
    if (token.kind !== 'name') throw this.unexpected(token);
    return { names: token.text.split('.'), at: token.at };
  }

  /** A whole number of at least 0. */
  count(): number {
    const token = this.next();
    if (token.kind !== 'number' || !/^\d+$/.test(token.text)) throw this.unexpected(token);
    return Number(token.text);
  }

  unexpected(token: Token = this.peek()): ApiError {
    return malformed(this.soql, token.at, `unexpected token: '${token.text}'`);
  }
}
