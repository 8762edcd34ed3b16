import Glibc

/// What an expression comes to for the rows of a table.
///
/// Logical values are the numbers 0 and 1; any missing number is NaN.
enum ExpressionValue: Sendable {
  /// One number for all rows.
  case number(Double)
  /// One text for all rows.
  case text(String)
  /// Several constants, made by `c()`.
  case list([ExpressionValue])
  /// A number a row.
  case numeric([Double])
  /// True or false a row.
  case logical([Double])
  /// A category a row; where the levels stand for numbers, these too.
  case factor(codes: [Int32], levels: [String], numbers: [Double]?)

  /// The words for an error message.
  var kindName: String {
    switch self {
    case .number: "a number"
    case .text: "a text"
    case .list: "a list"
    case .numeric: "a numeric variable"
    case .logical: "a logical variable"
    case .factor: "a categorical variable"
    }
  }
}

/// One number for all rows, or one a row.
enum NumericOperand {
  case constant(Double)
  case rows([Double])

  /// The result of a function on each number; the closure is inlined, so that the loop has no call in it.
  @inline(__always)
  func map(_ function: (Double) -> Double) -> NumericOperand {
    switch self {
    case .constant(let value): return .constant(function(value))
    case .rows(let values):
      return .rows(
        [Double](unsafeUninitializedCapacity: values.count) { out, count in
          values.withUnsafeBufferPointer { x in
            for i in 0..<x.count { out.initializeElement(at: i, to: function(x[i])) }
          }
          count = values.count
        })
    }
  }

  /// The result of a function on the numbers of two operands, row by row.
  @inline(__always)
  static func zip(
    _ a: NumericOperand, _ b: NumericOperand, _ function: (Double, Double) -> Double
  ) -> NumericOperand {
    switch (a, b) {
    case (.constant(let x), .constant(let y)): return .constant(function(x, y))
    case (.rows, .constant(let y)): return a.map { function($0, y) }
    case (.constant(let x), .rows): return b.map { function(x, $0) }
    case (.rows(let x), .rows(let y)):
      return .rows(
        [Double](unsafeUninitializedCapacity: x.count) { out, count in
          x.withUnsafeBufferPointer { x in
            y.withUnsafeBufferPointer { y in
              for i in 0..<x.count { out.initializeElement(at: i, to: function(x[i], y[i])) }
            }
          }
          count = x.count
        })
    }
  }

  var asNumeric: ExpressionValue {
    switch self {
    case .constant(let value): .number(value)
    case .rows(let values): .numeric(values)
    }
  }

  var asLogical: ExpressionValue {
    switch self {
    case .constant(let value): .number(value)
    case .rows(let values): .logical(values)
    }
  }
}

/// The functions of one number that formulas offer.
func elementwiseFunction(_ name: String, _ x: NumericOperand) -> NumericOperand? {
  switch name {
  case "exp": x.map { exp($0) }
  case "expm1": x.map { expm1($0) }
  case "log1p": x.map { log1p($0) }
  case "log2": x.map { log2($0) }
  case "log10": x.map { log10($0) }
  case "sqrt": x.map { $0.squareRoot() }
  case "abs": x.map { abs($0) }
  case "sin": x.map { sin($0) }
  case "cos": x.map { cos($0) }
  case "tan": x.map { tan($0) }
  case "asin": x.map { asin($0) }
  case "acos": x.map { acos($0) }
  case "atan": x.map { atan($0) }
  case "sinh": x.map { sinh($0) }
  case "cosh": x.map { cosh($0) }
  case "tanh": x.map { tanh($0) }
  case "floor": x.map { $0.rounded(.down) }
  case "ceiling": x.map { $0.rounded(.up) }
  case "trunc": x.map { $0.rounded(.towardZero) }
  case "sign": x.map { $0.isNaN ? .nan : $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
  case "plogis": x.map { 1 / (1 + exp(-$0)) }
  case "qlogis": x.map { log($0 / (1 - $0)) }
  default: nil
  }
}

/// An arithmetic operator on numbers, as R computes it.
func arithmetic(_ symbol: String, _ a: NumericOperand, _ b: NumericOperand) -> NumericOperand? {
  switch symbol {
  case "+": .zip(a, b) { $0 + $1 }
  case "-": .zip(a, b) { $0 - $1 }
  case "*": .zip(a, b) { $0 * $1 }
  case "/": .zip(a, b) { $0 / $1 }
  case "^":
    // R squares by a product, which differs from pow in the last digit.
    if case .constant(2) = b { a.map { $0 * $0 } } else { .zip(a, b) { pow($0, $1) } }
  case "%%": .zip(a, b) { $0 - ($0 / $1).rounded(.down) * $1 }
  case "%/%": .zip(a, b) { ($0 / $1).rounded(.down) }
  default: nil
  }
}

/// A comparison of numbers; missing where either is.
func comparison(_ symbol: String, _ a: NumericOperand, _ b: NumericOperand) -> NumericOperand? {
  switch symbol {
  case "==": .zip(a, b) { $0.isNaN || $1.isNaN ? .nan : $0 == $1 ? 1 : 0 }
  case "!=": .zip(a, b) { $0.isNaN || $1.isNaN ? .nan : $0 != $1 ? 1 : 0 }
  case "<": .zip(a, b) { $0.isNaN || $1.isNaN ? .nan : $0 < $1 ? 1 : 0 }
  case "<=": .zip(a, b) { $0.isNaN || $1.isNaN ? .nan : $0 <= $1 ? 1 : 0 }
  case ">": .zip(a, b) { $0.isNaN || $1.isNaN ? .nan : $0 > $1 ? 1 : 0 }
  case ">=": .zip(a, b) { $0.isNaN || $1.isNaN ? .nan : $0 >= $1 ? 1 : 0 }
  default: nil
  }
}

/// `&` and `|` with three values: false & missing is false, true | missing is true.
func conjunction(_ symbol: String, _ a: NumericOperand, _ b: NumericOperand) -> NumericOperand? {
  switch symbol {
  case "&", "&&": .zip(a, b) { $0 == 0 || $1 == 0 ? 0 : $0.isNaN || $1.isNaN ? .nan : 1 }
  case "|", "||":
    .zip(a, b) {
      ($0 != 0 && !$0.isNaN) || ($1 != 0 && !$1.isNaN) ? 1 : $0.isNaN || $1.isNaN ? .nan : 0
    }
  default: nil
  }
}
