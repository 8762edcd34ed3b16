import HypothesisTests
import ModelFormula

/// The tests that read a table, and the binomial test.
enum HypothesisTestRuns {
  static func t(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let data = try HypothesisTestData(request, test: "t")
    let samples = try data.oneOrTwoSamples()
    var test = TTest()
    test.null = request.options.mu ?? 0
    test.alternative = request.options.alternative ?? .twoSided
    test.level = request.options.confidenceLevel
    test.equalVariances = request.options.equalVariances ?? false
    let result =
      samples.count == 1
      ? try test.oneSample(samples[0].values) : try test.twoSample(samples[0].values, samples[1].values)
    var whole = try report(data, result, samples)
    if samples.count == 2 {
      whole.conventions = [("variances", test.equalVariances ? "pooled" : "separate (Welch)")]
    }
    return whole
  }

  static func wilcoxon(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let data = try HypothesisTestData(request, test: "wilcoxon")
    let samples = try data.oneOrTwoSamples()
    var test = WilcoxonTest()
    test.null = request.options.mu ?? 0
    test.alternative = request.options.alternative ?? .twoSided
    test.level = request.options.confidenceLevel
    test.exact = request.options.exact
    test.continuityCorrection = request.options.correct ?? true
    let result =
      samples.count == 1
      ? try test.signedRank(samples[0].values) : try test.rankSum(samples[0].values, samples[1].values)
    var whole = try report(data, result, samples)
    whole.conventions = [
      ("exact", request.options.exact.map { $0 ? "asked for" : "not used" } ?? "where R uses it"),
      ("continuity correction", test.continuityCorrection ? "where not exact" : "none"),
    ]
    return whole
  }

  static func ks(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let data = try HypothesisTestData(request, test: "ks")
    let samples = try data.oneOrTwoSamples()
    guard samples.count == 2 else {
      throw FitRequestError.notEstimable("the test ks compares two groups: y ~ group")
    }
    var test = KolmogorovSmirnovTest()
    test.alternative = request.options.alternative ?? .twoSided
    test.exact = request.options.exact
    var whole = try report(data, test.twoSample(samples[0].values, samples[1].values), samples)
    whole.conventions = [
      ("exact", request.options.exact.map { $0 ? "asked for" : "not used" } ?? "where R uses it")
    ]
    return whole
  }

  static func kruskal(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let data = try HypothesisTestData(request, test: "kruskal")
    let samples = try data.samples()
    return try report(data, KruskalWallisTest.test(samples.map(\.values)), samples)
  }

  static func shapiro(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let data = try HypothesisTestData(request, test: "shapiro")
    let samples = try data.samples()
    guard samples.count == 1, try data.groupName() == nil else {
      throw FitRequestError.notEstimable(
        "the test shapiro takes one sample: y ~ 1; choose a group with --where")
    }
    return try report(data, ShapiroWilkTest.test(samples[0].values), samples)
  }

  static func chisq(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let data = try HypothesisTestData(request, test: "chisq")
    let table = try data.table()
    let corrects = request.options.correct ?? true
    var whole = try report(data, table.chiSquaredTest(continuityCorrection: corrects), table)
    whole.conventions = [("continuity correction", corrects && table.isTwoByTwo ? "Yates" : "none")]
    return whole
  }

  static func fisher(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let data = try HypothesisTestData(request, test: "fisher")
    let table = try data.table()
    if request.options.alternative != nil, !table.isTwoByTwo {
      throw FitRequestError.optionWithoutMeaning(
        option: "--alternative", model: "a table of \(table.rowCount) by \(table.columnCount)")
    }
    let name = request.options.oddsRatioMethod ?? FisherEstimate.conditional.rawValue
    guard let estimate = FisherEstimate(rawValue: name) else {
      throw FitRequestError.badValue(
        option: "--odds-ratio-method", value: name,
        expected: FisherEstimate.allCases.map(\.rawValue).joined(separator: " or "))
    }
    var whole = try report(
      data,
      table.fisherTest(
        alternative: request.options.alternative ?? .twoSided, estimate: estimate,
        level: request.options.confidenceLevel), table)
    if table.isTwoByTwo {
      whole.conventions = [
        ("odds ratio", estimate == .conditional ? "conditional maximum likelihood" : "sample ad/bc"),
        ("limits", "conditional exact"), ("two-sided p", "tables no more probable than the observed"),
      ]
    }
    return whole
  }

  static func mcnemar(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let data = try HypothesisTestData(request, test: "mcnemar")
    let table = try data.table(square: true)
    let corrects = request.options.correct ?? true
    let isExact = request.options.exact ?? false
    var whole = try report(
      data,
      table.mcNemarTest(
        continuityCorrection: corrects, exact: isExact, level: request.options.confidenceLevel), table)
    whole.conventions = [
      ("continuity correction", corrects && !isExact && table.isTwoByTwo ? "Edwards" : "none")
    ]
    return whole
  }

  static func cmh(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let data = try HypothesisTestData(request, test: "cmh")
    let strata = try data.stratifiedTables()
    var test = MantelHaenszelTest()
    test.continuityCorrection = request.options.correct ?? true
    test.exact = request.options.exact ?? false
    test.alternative = request.options.alternative ?? .twoSided
    test.level = request.options.confidenceLevel
    var report = data.report(try test.test(strata.map(\.table)))
    report.groupVariable = try data.groupName()
    report.rowVariable = data.responseName
    report.tables = strata.map { (name: Optional($0.name), table: $0.table) }
    if !test.exact {
      report.conventions = [
        ("continuity correction", test.continuityCorrection && strata[0].table.isTwoByTwo ? "1/2" : "none")
      ]
    }
    return report
  }

  static func binom(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    guard let x = request.options.events, let n = request.options.sizes, x.count == 1, n.count == 1 else {
      throw FitRequestError.notEstimable(
        "the test binom needs one count and one size: --x 36 --n 91 [--p 0.3]")
    }
    let sample = try SingleProportion(events: x[0], total: wholeNumber(n[0], option: "--n"))
    let result = try sample.binomialTest(
      null: request.options.probability ?? 0.5, alternative: request.options.alternative ?? .twoSided,
      twoSided: request.options.twoSided ?? .minimumLikelihood, level: request.options.confidenceLevel)
    var report = HypothesisTestReport(result: result)
    report.n = sample.total
    report.conventions = [
      ("limits", "Clopper-Pearson"),
      ("two-sided p", (request.options.twoSided ?? .minimumLikelihood).rawValue),
    ]
    return report
  }

  private static func report(
    _ data: HypothesisTestData, _ result: TestResult, _ samples: [HypothesisTestData.Sample]
  ) throws -> HypothesisTestReport {
    var report = data.report(result)
    report.groupVariable = try data.groupName()
    report.samples = samples.map { HypothesisTestReport.SampleSummary(name: $0.name, values: $0.values) }
    if samples.count == 2, let parameter = result.parameter {
      report.result.parameter = "\(parameter), \(samples[0].name) - \(samples[1].name)"
    }
    return report
  }

  private static func report(
    _ data: HypothesisTestData, _ result: TestResult, _ table: ContingencyTable
  ) throws -> HypothesisTestReport {
    var report = data.report(result)
    report.groupVariable = try data.groupName()
    report.rowVariable = data.responseName
    report.tables = [(name: nil, table: table)]
    return report
  }
}

/// A number given as an option that must be whole.
func wholeNumber(_ value: Double, option: String) throws(FitRequestError) -> Int {
  guard value == value.rounded(), abs(value) < 1e15 else {
    throw .badValue(option: option, value: "\(value)", expected: "a whole number")
  }
  return Int(value)
}
