'use strict';
// In place of `qs` in the built server, which reads no nested forms: it is loaded when somebody does.
const all = () => require('qs');

module.exports = {
  parse: (...words) => all().parse(...words),
  stringify: (...words) => all().stringify(...words),
};
