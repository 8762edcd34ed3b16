import Glibc
import Inference
import LinearAlgebra
import ModelFormula
import Serialisation

/// What one fitted model has to say: the envelope of `hekta fit`.
///
/// The coefficients are typed, for the analyses of a plan; what only some models have (curves, variance components,
/// marginal means) stands in `sections` as rows with the names of the contract.
public struct ModelReport: Sendable {
  /// The model's name on the command line.
  public var model: String
  /// The formula as given.
  public var formula: String
  /// Rows used.
  public var n: Int
  /// Which rows of the table they are.
  public var rows = RowSelection(all: 0)
  /// Rows dropped because a variable of the model was missing.
  public var missing: Int
  /// Rows dropped because the filter's condition was missing.
  public var filterMissing: Int?
  public var status: FitStatus = .ok
  public var convergence: Convergence = .closedForm
  public var warnings: [String] = []
  public var coefficients: [Coefficient] = []
  /// Members to add to a coefficient's row, by its position (`tau`, …).
  public var coefficientExtras: [Int: [JSONValue.Member]] = [:]
  /// The covariance of the coefficients in their order; rows and columns of aliased ones are nil.
  public var covariance: [[Double?]] = []
  /// How the covariance was estimated and which choices shaped the numbers: `ties: efron`, `limits: wald`, …
  public var conventions: [(name: String, choice: String)] = []
  /// Figures of the whole fit: `logLik`, `AIC`, `sigma`, …
  public var fit: [JSONValue.Member] = []
  /// Tests of the whole fit.
  public var tests: [Test] = []
  /// Whether estimates and limits are exponentiated (standard errors never are).
  public var isExponentiated = false
  /// The model's own members, after the common ones.
  public var sections: [JSONValue.Member] = []
  /// The same numbers under other conventions, where they were asked for.
  public var comparison: ConventionComparison?

  /// A test of the whole fit.
  public struct Test: Sendable, Equatable {
    public var name: String
    public var statistic: Double
    public var df: Double?
    public var df2: Double?
    public var pValue: Double

    public init(
      name: String, statistic: Double, df: Double?, df2: Double? = nil, pValue: Double
    ) {
      self.name = name
      self.statistic = statistic
      self.df = df
      self.df2 = df2
      self.pValue = pValue
    }
  }

  /// Makes the report of a model before anything is known of it.
  public init(model: String, formula: String, n: Int, missing: Int, filterMissing: Int? = nil) {
    self.model = model
    self.formula = formula
    self.n = n
    self.missing = missing
    self.filterMissing = filterMissing
  }

  /// Replaces estimates and limits by their exponentials, once.
  public mutating func exponentiate() {
    guard !isExponentiated else { return }
    isExponentiated = true
    for i in coefficients.indices {
      coefficients[i].estimate = coefficients[i].estimate.map { exp($0) }
      coefficients[i].low = coefficients[i].low.map { exp($0) }
      coefficients[i].high = coefficients[i].high.map { exp($0) }
    }
  }

  /// Spreads a covariance of the estimable coefficients over all of them.
  public static func spread(_ matrix: Matrix, over count: Int, estimable: [Int]) -> [[Double?]] {
    var result = [[Double?]](
      repeating: [Double?](repeating: nil, count: count), count: count)
    for (a, i) in estimable.enumerated() {
      for (b, j) in estimable.enumerated() { result[i][j] = matrix[a, b] }
    }
    return result
  }

  /// The first coefficient with a term's name.
  public func coefficient(_ term: String) -> Coefficient? {
    coefficients.first { $0.term == term }
  }

  /// A figure of the whole fit by its name.
  public func figure(_ name: String) -> Double? {
    fit.first { $0.name == name }?.value.double
  }

  /// The rows of a section.
  public func section(_ name: String) -> [JSONValue] {
    sections.first { $0.name == name }?.value.elements ?? []
  }

  /// Warnings, with one more for each coefficient whose numbers are not finite and so are printed as null.
  public var allWarnings: [String] {
    let broken = coefficients.filter { row in
      [row.estimate, row.standardError, row.statistic, row.low, row.high]
        .contains { $0.map { !$0.isFinite } ?? false }
    }
    guard !broken.isEmpty else { return warnings }
    let terms = broken.map(\.term).joined(separator: ", ")
    return warnings + ["values that are not finite are printed as null: \(terms)"]
  }

  /// The envelope as JSON, with the names of the contract.
  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("model", .string(model)), .init("formula", .string(formula)), .init("n", .integer(n)),
      .init("nMissing", .integer(missing)),
    ]
    if let filterMissing { members.append(.init("nFiltered", .integer(filterMissing))) }
    members += [
      .init("status", .string(status.rawValue)),
      .init("converged", .bool(convergence.isConverged)),
      .init("iterations", .integer(convergence.iterations)),
      .init("warnings", .strings(allWarnings)),
      .init(
        "conventions",
        .object(conventions.map { JSONValue.Member($0.name, .string($0.choice)) })),
    ]
    if !coefficients.isEmpty {
      members.append(.init("coefficients", .array(coefficients.indices.map(coefficientJSON))))
    }
    if !covariance.isEmpty {
      members.append(
        .init("vcov", .array(covariance.map { .array($0.map { JSONValue.number($0) }) })))
    }
    members.append(.init("fit", .object(fit)))
    members.append(.init("tests", .array(tests.map(Self.testJSON))))
    members += sections
    if let comparison { members.append(.init("also", comparison.json)) }
    return .object(members)
  }

  private func coefficientJSON(_ i: Int) -> JSONValue {
    let row = coefficients[i]
    return .object(
      [
        .init("term", .string(row.term)), .init("estimate", .number(row.estimate)),
        .init("std.error", .number(row.standardError)), .init("statistic", .number(row.statistic)),
        .init("df", .number(row.df)), .init("p.value", .number(row.pValue)),
        .init("conf.low", .number(row.low)), .init("conf.high", .number(row.high)),
      ] + (coefficientExtras[i] ?? []))
  }

  private static func testJSON(_ test: Test) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("name", .string(test.name)),
      .init("statistic", .number(Optional(test.statistic))), .init("df", .number(test.df)),
    ]
    if let df2 = test.df2 { members.append(.init("df2", .number(Optional(df2)))) }
    members.append(.init("p.value", .number(Optional(test.pValue))))
    return .object(members)
  }
}
