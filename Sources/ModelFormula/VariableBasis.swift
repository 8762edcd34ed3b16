/// What a function learnt from the rows that it was first evaluated on, so that it means the same on new rows.
enum VariableBasis: Sendable, Equatable {
  /// `poly(x, k)`.
  case polynomial(OrthogonalPolynomial)
  /// `poly(x, k, raw = TRUE)`.
  case powers(degree: Int)
  /// `ns()` and `bs()`.
  case spline(SplineBasis)
  /// `scale(x)`: subtract the first number, divide by the second.
  case scaling(centre: Double, spread: Double)
  /// `mean(x)`, `sd(x)`, …: one number.
  case summary(Double)

  /// The columns for some points.
  func columns(at points: [Double]) -> [[Double]] {
    switch self {
    case .polynomial(let polynomial): return polynomial.columns(at: points)
    case .powers(let degree):
      var columns = [points]
      for _ in 1..<max(degree, 1) {
        columns.append(zip(columns.last!, points).map { $0 * $1 })
      }
      return columns
    case .spline(let basis): return basis.columns(at: points)
    case .scaling(let centre, let spread): return [points.map { ($0 - centre) / spread }]
    case .summary(let value): return [[Double](repeating: value, count: points.count)]
    }
  }
}

/// The functions that learn from the data, read from their calls.
struct BasisCall {
  /// The functions whose result is a matrix with a column for each member of a basis.
  static let matrixFunctions: Set<String> = ["poly", "ns", "bs"]
  /// The functions that learn numbers and act on each row.
  static let summaryFunctions: Set<String> = ["scale", "mean", "sd", "median", "min", "max", "sum", "var"]

  let function: String
  let position: Int
  /// The expression that is transformed.
  let argument: Expression
  private let options: [(name: String, value: Expression)]

  /// Matches arguments to parameters by name and then by place, as R does.
  init(function: String, arguments: [Expression.Argument], position: Int) throws(FormulaError) {
    let parameters: [String] =
      switch function {
      case "poly": ["x", "degree", "raw"]
      case "ns": ["x", "df", "knots", "intercept", "Boundary.knots"]
      case "bs": ["x", "df", "knots", "degree", "intercept", "Boundary.knots"]
      case "scale": ["x", "center", "scale"]
      default: ["x"]
      }
    var matched: [(name: String, value: Expression)] = []
    for argument in arguments {
      guard let name = argument.name else { continue }
      guard parameters.contains(name) else {
        throw FormulaError(
          .unsuitable, "\(function)() has no argument `\(name)`", position: argument.value.position,
          suggestions: nearest(to: name, among: parameters))
      }
      matched.append((name, argument.value))
    }
    for argument in arguments where argument.name == nil {
      guard let free = parameters.first(where: { p in !matched.contains { $0.name == p } }) else {
        throw FormulaError(
          .unsuitable, "\(function)() takes at most \(parameters.count) arguments",
          position: argument.value.position)
      }
      // `poly(x, z, 2)` is a polynomial in two variables in R.
      if function == "poly", free != "x", argument.value.names.isEmpty == false {
        throw FormulaError(
          .unsuitable, "poly() takes one variable", position: argument.value.position)
      }
      matched.append((free, argument.value))
    }
    guard let x = matched.first(where: { $0.name == "x" }) else {
      throw FormulaError(.unsuitable, "\(function)() needs a variable", position: position)
    }
    self.function = function
    self.position = position
    argument = x.value
    options = matched.filter { $0.name != "x" }
  }

  private func failure(_ message: String) -> FormulaError {
    FormulaError(.unsuitable, "\(function)(): \(message)", position: position)
  }

  private func option(_ name: String) -> Expression? { options.first { $0.name == name }?.value }

  private func numbers(_ name: String) throws(FormulaError) -> [Double]? {
    guard let expression = option(name) else { return nil }
    guard let values = expression.constantNumbers else {
      throw FormulaError(
        .unsuitable, "\(function)(): `\(name)` must be a number or c() of numbers",
        position: expression.position)
    }
    return values
  }

  private func count(_ name: String, least: Int) throws(FormulaError) -> Int? {
    guard let values = try numbers(name) else { return nil }
    guard values.count == 1, values[0] == values[0].rounded(), values[0] >= Double(least),
      values[0] < 1000
    else { throw failure("`\(name)` must be a whole number of at least \(least)") }
    return Int(values[0])
  }

  private func flag(_ name: String, default standard: Bool) throws(FormulaError) -> Bool {
    guard let expression = option(name) else { return standard }
    switch expression.node {
    case .logical(let value): return value
    case .name("T"): return true
    case .name("F"): return false
    default: throw failure("`\(name)` must be TRUE or FALSE")
    }
  }

  /// Learns the basis from points, of which missing ones are passed over.
  func basis(over points: [Double]) throws(FormulaError) -> VariableBasis {
    let present = points.contains(where: \.isNaN) ? points.filter { !$0.isNaN } : points
    guard !present.isEmpty else { throw failure("no value to learn from") }
    guard present.allSatisfy(\.isFinite) else {
      throw FormulaError(
        .notFinite, "`\(argument.text)` is infinite in a row that is used", position: position)
    }
    switch function {
    case "poly": return try polynomial(over: present)
    case "ns", "bs": return .spline(try spline(over: present))
    case "scale": return try scaling(over: present)
    default: return .summary(summary(of: present))
    }
  }

  private func polynomial(over points: [Double]) throws(FormulaError) -> VariableBasis {
    let degree = try count("degree", least: 1) ?? 1
    if try flag("raw", default: false) { return .powers(degree: degree) }
    guard let polynomial = OrthogonalPolynomial(degree: degree, over: points) else {
      throw failure("degree \(degree) needs more than \(degree) distinct values of `\(argument.text)`")
    }
    return .polynomial(polynomial)
  }

  private func spline(over points: [Double]) throws(FormulaError) -> SplineBasis {
    let isNatural = function == "ns"
    let intercept = try flag("intercept", default: false)
    let degree = isNatural ? 3 : try count("degree", least: 1) ?? 3
    var lower = points.min()!
    var upper = points.max()!
    if let given = try numbers("Boundary.knots") {
      guard given.count == 2, given[0] != given[1] else { throw failure("two boundary knots are needed") }
      lower = min(given[0], given[1])
      upper = max(given[0], given[1])
    }
    guard lower < upper else { throw failure("`\(argument.text)` has one value only") }
    // Second derivatives at the boundary are of the size of 1 / (range)².
    guard upper - lower > 1e-150, (upper - lower).isFinite, upper - lower < 1e150 else {
      throw failure("the range of `\(argument.text)` is too small or too large to compute with")
    }
    var knots: [Double] = []
    if let given = try numbers("knots") {
      knots = given
      guard knots.allSatisfy({ $0 > lower && $0 < upper }) else {
        throw failure("each knot must lie between the boundary knots")
      }
    } else if let df = try count("df", least: 1) {
      let fixed = (isNatural ? 1 : degree) + (intercept ? 1 : 0)
      guard df >= fixed else { throw failure("`df` must be at least \(fixed)") }
      let sorted = points.filter { $0 >= lower && $0 <= upper }.sorted()
      let inner = df - fixed
      knots = (1..<max(inner + 1, 1)).map { quantile(sorted, Double($0) / Double(inner + 1)) }
    }
    return SplineBasis(
      degree: degree, knots: knots, boundary: lower...upper, isNatural: isNatural,
      hasIntercept: intercept)
  }

  private func scaling(over points: [Double]) throws(FormulaError) -> VariableBasis {
    var centre = 0.0
    if let given = try? numbers("center"), given.count == 1 {
      centre = given[0]
    } else if try flag("center", default: true) {
      centre = mean(points)
    }
    var spread = 1.0
    if let given = try? numbers("scale"), given.count == 1 {
      spread = given[0]
    } else if try flag("scale", default: true) {
      // Without centring R divides by the root mean square about zero.
      var sum = 0.0
      for x in points { sum += (x - centre) * (x - centre) }
      spread = (sum / Double(max(points.count - 1, 1))).squareRoot()
    }
    guard spread > 0 else { throw failure("`\(argument.text)` does not vary") }
    return .scaling(centre: centre, spread: spread)
  }

  private func summary(of points: [Double]) -> Double {
    switch function {
    case "mean": return mean(points)
    case "median": return quantile(points.sorted(), 0.5)
    case "min": return points.min()!
    case "max": return points.max()!
    case "sum": return points.reduce(0, +)
    default:
      let centre = mean(points)
      var sum = 0.0
      for x in points { sum += (x - centre) * (x - centre) }
      let variance = sum / Double(points.count - 1)
      return function == "var" ? variance : variance.squareRoot()
    }
  }
}

/// The mean, summed with a correction for what each addition rounds off.
///
/// Neumaier, Zeitschrift für Angewandte Mathematik und Mechanik 54 (1974), doi:10.1002/zamm.19740540106. R sums in
/// extended precision; both give the mean to the last digit.
func mean(_ values: [Double]) -> Double {
  var sum = 0.0
  var lost = 0.0
  for x in values {
    let next = sum + x
    lost += abs(sum) >= abs(x) ? (sum - next) + x : (x - next) + sum
    sum = next
  }
  return (sum + lost) / Double(values.count)
}

/// The quantile of ascending values by linear interpolation of (n − 1) p + 1 (R's type 7).
func quantile(_ sorted: [Double], _ probability: Double) -> Double {
  let place = Double(sorted.count - 1) * probability
  let low = Int(place.rounded(.down))
  let share = place - Double(low)
  guard share > 0, low + 1 < sorted.count else { return sorted[low] }
  return (1 - share) * sorted[low] + share * sorted[low + 1]
}

extension Expression {
  /// The numbers of a constant expression, such as `-1.5` or `c(1, 2)`; nil for any other.
  var constantNumbers: [Double]? {
    switch ungrouped.node {
    case .number(let value, _): return [value]
    case .prefix("-", let operand): return operand.constantNumbers?.map { -$0 }
    case .prefix("+", let operand): return operand.constantNumbers
    case .call("c", let arguments):
      var all: [Double] = []
      for argument in arguments {
        guard let values = argument.value.constantNumbers else { return nil }
        all += values
      }
      return all
    default: return nil
    }
  }
}
