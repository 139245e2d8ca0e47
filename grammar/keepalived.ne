# One top-level statement of keepalived.conf, over the tokens that `arrange` (tokens.ts) put in
# order: a newline ends every statement, follows every "{" and never stands before one.
@preprocessor typescript
@{%
import { tokenNames as lexer } from './tokens.js';
import {
  blockStatement,
  firstWord,
  nextStatement,
  nextWord,
  noStatement,
  plainStatement,
} from './syntax-tree.js';
%}
@lexer lexer

statement -> words %newline {% ([words]) => plainStatement(words) %}
           | words block %newline {% ([words, block]) => blockStatement(words, block) %}

words -> %word {% ([token]) => firstWord(token) %}
       | words %word {% ([words, token]) => nextWord(words, token) %}

block -> %lbrace %newline statements %rbrace {% ([, , statements]) => statements %}

statements -> null {% noStatement %}
            | statements statement {% ([statements, next]) => nextStatement(statements, next) %}
