import Glibc
import Inference
import ModelFormula
import Resampling
import Serialisation

extension FitOptions {
  /// A bootstrap of a model's coefficients beside its own standard errors.
  public struct Bootstrap: Sendable, Equatable {
    /// The number of samples.
    public var draws: Int
    /// The seed.
    public var seed: UInt64
    /// The column whose values are drawn; nil draws the groups of random effects or clusters, else rows.
    public var unit: String?
    /// The column within whose values units are drawn, so that each keeps its number.
    public var stratum: String?
    /// How limits are read off the samples.
    public var limits: BootstrapDistribution.Limits

    public init(
      draws: Int, seed: UInt64 = 1, unit: String? = nil, stratum: String? = nil,
      limits: BootstrapDistribution.Limits = .percentile
    ) {
      self.draws = draws
      self.seed = seed
      self.unit = unit
      self.stratum = stratum
      self.limits = limits
    }
  }
}

/// Refits a model to bootstrap samples and adds what they say of its coefficients to its report.
enum ModelBootstrap {
  /// The models that can be refitted, by name.
  private static let targets: [String: @Sendable (ModelRequest) throws -> BootstrapTarget] = [
    "lm": BootstrapTarget.linear, "glm": BootstrapTarget.generalisedLinear, "cox": BootstrapTarget.cox,
    "lmm": BootstrapTarget.linearMixed,
  ]

  /// Refuses a bootstrap of a model that has none, before anything is fitted.
  static func check(_ request: ModelRequest, model name: String) throws(FitRequestError) {
    guard let bootstrap = request.options.bootstrap else { return }
    guard targets[name] != nil else {
      throw .badValue(
        option: "--bootstrap", value: name,
        expected: "one of \(targets.keys.sorted().joined(separator: ", "))")
    }
    guard bootstrap.draws > 1 else {
      throw .badValue(option: "--bootstrap", value: "\(bootstrap.draws)", expected: "2 samples or more")
    }
  }

  /// Adds the bootstrap that a request asks for.
  ///
  /// - Throws: `FitRequestError` where the model has none, or units and strata do not suit.
  static func add(to report: inout ModelReport, _ request: ModelRequest, model name: String) throws {
    guard let bootstrap = request.options.bootstrap, let make = targets[name] else { return }
    let target = try make(request)
    let (units, strata, description) = try sampling(bootstrap, target)
    let samples = BootstrapSamples(
      rowCount: target.frame.rowCount, units: units ?? target.places, strata: strata,
      replicates: bootstrap.draws,
      seed: bootstrap.seed, purpose: "fit/\(name)")
    let count = target.terms.count
    let statistic: @Sendable (BootstrapSamples.Sample) -> [Double] = { sample in
      target.resample(sample.rows, sample.units) ?? [Double](repeating: .nan, count: count)
    }
    let replicates = samples.replicates(progress: request.options.progress, of: statistic)
    let jackknife = bootstrap.limits == .bca ? samples.jackknife(of: statistic) : []
    let estimates = target.refit(Array(0..<target.frame.rowCount), units ?? Array(0..<target.frame.rowCount))
    var rows: [JSONValue] = []
    for (j, term) in target.terms.enumerated() {
      let values = replicates.map { $0[j] }
      let estimate = estimates?[j] ?? .nan
      rows.append(
        row(
          term, estimate: estimate, values,
          acceleration: jackknife.isEmpty
            ? nil : samples.acceleration(estimate, jackknife: jackknife.map { $0[j] }), bootstrap,
          level: request.options.confidenceLevel, exponentiates: report.isExponentiated))
    }
    report.sections.append(.init("bootstrap", .array(rows)))
    report.conventions += [
      ("bootstrap", "\(bootstrap.draws) samples of \(description), seed \(bootstrap.seed)"),
      ("bootstrap limits", bootstrap.limits.rawValue),
    ]
    let failed = replicates.count { $0.allSatisfy(\.isNaN) }
    if failed > 0 {
      report.warnings.append("\(failed) of \(bootstrap.draws) bootstrap samples have no fit and are left out")
    }
  }

  /// The units and strata of the rows, and words for them.
  private static func sampling(
    _ bootstrap: FitOptions.Bootstrap, _ target: BootstrapTarget
  ) throws -> (units: [Int]?, strata: [Int]?, description: String) {
    let grouping = bootstrap.unit.map { target.frame.grouping($0) } ?? target.defaultUnits
    let units = grouping?.codes.map(Int.init)
    var description = grouping.map { "values of \($0.name)" } ?? "rows"
    guard let name = bootstrap.stratum else { return (units, nil, description) }
    let strata = target.frame.grouping(name).codes.map(Int.init)
    if let units {
      var known = [Int?](repeating: nil, count: (units.max() ?? -1) + 1)
      for (unit, stratum) in zip(units, strata) {
        if let earlier = known[unit], earlier != stratum {
          throw FitRequestError.badValue(
            option: "--resample-within", value: name,
            expected: "a column with one value for each of the \(description)")
        }
        known[unit] = stratum
      }
    }
    description += " within \(name)"
    return (units, strata, description)
  }

  private static func row(
    _ term: String, estimate: Double, _ values: [Double], acceleration: Double?,
    _ bootstrap: FitOptions.Bootstrap, level: Double, exponentiates: Bool
  ) -> JSONValue {
    let finite = values.count { $0.isFinite }
    var members: [JSONValue.Member] = [.init("term", .string(term))]
    guard estimate.isFinite, finite > 1 else {
      for name in ["estimate", "bias", "std.error", "conf.low", "conf.high"] {
        members.append(.init(name, .null))
      }
      return .object(members + [.init("samples", .integer(finite))])
    }
    let distribution = BootstrapDistribution(
      estimate: estimate, replicates: values, acceleration: acceleration)
    let limits = distribution.limits(bootstrap.limits, level: level)
    // As in the table of coefficients: estimates and limits are exponentiated, errors never.
    func shown(_ value: Double?) -> JSONValue { .number(exponentiates ? value.map { exp($0) } : value) }
    members += [
      .init("estimate", shown(estimate)), .init("bias", .number(Optional(distribution.bias))),
      .init("std.error", .number(Optional(distribution.standardError))),
      .init("conf.low", shown(limits?.low)), .init("conf.high", shown(limits?.high)),
      .init("samples", .integer(finite)),
    ]
    return .object(members)
  }
}

extension ModelCatalogue.Entry {
  /// Fits a request as a whole: to each of several completed tables where it has them, with a bootstrap where it asks for
  /// one.
  ///
  /// - Throws: what `fit` throws, and `FitRequestError` where the model cannot be bootstrapped or pooled as asked.
  public func fitWhole(_ request: ModelRequest) throws -> ModelReport {
    if let imputed = request.options.imputed { return try ImputedTables.report(request, imputed, fit: fit) }
    try ModelBootstrap.check(request, model: name)
    var report = try fit(request)
    try ModelBootstrap.add(to: &report, request, model: name)
    return report
  }
}
