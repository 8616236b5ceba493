/** A term on one line, as the names of mutants and of survivors have it. */
import type { BinaryOp, Expr } from '../../src/rule/expr.js'

/** The signs of what has two operands. */
export const signs: Readonly<Record<BinaryOp, string>> = {
  add: ' + ',
  sub: ' − ',
  mul: '·',
  div: '/',
  pow: '^',
  min: ' min ',
  max: ' max ',
}

/** A term on one line. */
export const show = (node: Expr): string => {
  switch (node._tag) {
    case 'Const':
      return String(node.value)
    case 'Scalar':
    case 'LeafScalar':
    case 'Slot':
      return node.name.slice(node.name.lastIndexOf('.') + 1)
    case 'Gradient':
      return 'g'
    case 'Parameter':
      return 'p'
    case 'Unary':
      return node.op === 'neg' ? `−${show(node.arg)}` : `${node.op}(${show(node.arg)})`
    case 'Binary':
      return `(${show(node.left)}${signs[node.op]}${show(node.right)})`
    case 'Select':
      return `(${show(node.test.left)} ${node.test.op} ${show(node.test.right)} ? ${show(node.then)} : ${show(node.else)})`
    case 'Reduce':
      return `${node.kind}(${show(node.arg)} over ${node.over})`
    case 'Orthogonal':
      return `orthogonal(${show(node.args[0])})`
    case 'Product': {
      const [a, b, c] = node.args
      return `(${show(a)} × ${show(b)}ᵀ × ${show(c)})`
    }
  }
}
