import Inference
import ModelFitting
import ModelFormula
import TrialData

/// One model of an analysis: its table, its fit through the catalogue of models, and its records.
///
/// The catalogue is what `hekta fit` calls, so that a number of a report can be had again from the command line.
struct ModelStep {
  let analysis: AnalysisPlan
  let variant: AnalysisPlan.Variant
  let data: TrialFrames
  /// The method's name in the records.
  let method: String

  /// Why a model of an analysis has no fit.
  struct Failure: Error {
    let message: String
  }

  /// The columns for the rows of the variant's set: the arm, the covariates, others by name, and the outcome (a binary one
  /// as 0 and 1, by the variant's rule for missing ones).
  func frame(binaryOutcome: Bool, _ others: [Placed<String>] = []) throws -> DataFrame {
    let file = analysis.file?.value
    var frame = try data.frame(
      [data.armName] + variant.covariates + others, set: variant.set.value, file: file)
    if let outcome = analysis.outcome {
      let rows = data.rows(in: variant.set.value, file: file)
      if binaryOutcome {
        let events = try data.event(analysis, file: file)
        frame[outcome.value] = .numeric(rows.map { variant.missing.applied(to: events[$0]) })
      } else {
        let values = try data.numbers(outcome, file: file)
        frame[outcome.value] = .numeric(rows.map { values[$0] })
      }
    }
    return frame
  }

  /// The right side of a comparison of the arms, adjusted for the variant's covariates.
  var rightSide: String {
    ([TrialFrames.armColumn] + variant.covariates.map(\.value)).map(Expression.nameText).joined(
      separator: " + ")
  }

  /// Fits a model of the catalogue.
  ///
  /// - Throws: `Failure` where the data give no fit.
  func fit(
    _ model: String, _ formula: String, _ frame: DataFrame, options: FitOptions
  ) throws -> ModelReport {
    let request = request(formula, frame, options)
    data.log?.add(LoggedFit(variant: variant.id, model: model, request: request))
    do {
      return try ModelCatalogue.entry(model).fit(request)
    } catch let error as DataError {
      throw error
    } catch {
      throw Failure(message: "\(error)")
    }
  }

  private func request(_ formula: String, _ frame: DataFrame, _ options: FitOptions) -> ModelRequest {
    var options = options
    options.confidenceLevel = data.plan.level
    options.conventions = data.plan.conventions
    options.isBrief = data.isRepeated
    return ModelRequest(formula: formula, data: frame, options: options)
  }

  /// Notes a fit that prints numbers which this analysis has from another of its fits, for whoever asks for their origin.
  func note(_ model: String, _ formula: String, _ frame: DataFrame, options: FitOptions) {
    data.log?.add(LoggedFit(variant: variant.id, model: model, request: request(formula, frame, options)))
  }

  /// A record of the fitted model with its counts, its status and its conventions.
  func record(
    _ measure: Result.Measure, from report: ModelReport, group: String? = nil, contrast: String? = nil,
    term: String? = nil, time: Double? = nil
  ) -> Result {
    var record = analysis.record(
      measure, variant: variant, of: data, group: group, contrast: contrast, term: term, time: time)
    record.method = method
    record.formula = report.formula
    record.n = report.n
    let dropped = group.flatMap { self.dropped(fromArm: $0, report) } ?? report.missing
    record.dropped = dropped
    if dropped > 0 {
      record.droppedReason =
        variant.covariates.isEmpty ? "missing outcome" : "missing outcome or covariate"
    }
    record.events = report.figure("events").map { Int($0) }
    record.status = report.status
    record.conventions = conventions(of: report)
    return record
  }

  /// The rows of an arm that the model left out; nil for a group that is no arm.
  private func dropped(fromArm code: String, _ report: ModelReport) -> Int? {
    let file = analysis.file?.value
    guard let arm = data.arms.firstIndex(of: code),
      case .categorical(let codes, _)? = try? data.column(data.armName, file: file)
    else { return nil }
    let own = data.rows(in: variant.set.value, file: file)
    return own.count { Int(codes[$0]) == arm } - report.rows.count { Int(codes[own[$0]]) == arm }
  }

  private func conventions(of report: ModelReport) -> [Result.Convention] {
    var all = report.conventions.map { Result.Convention($0.name, $0.choice) }
    if analysis.outcome != nil { all.append(.missing(variant.missing)) }
    return all.sorted()
  }

  /// The records of the coefficients, the intercept left out; those of the arm carry the comparison too.
  ///
  /// - Parameters:
  ///   - measure: what an arm's coefficient measures.
  ///   - others: what the other coefficients measure.
  func effects(_ measure: Result.Measure, others: Result.Measure, from report: ModelReport) -> [Result] {
    let ratio = measure.null == 1
    return report.coefficients.filter { $0.term != "(Intercept)" }.map { row in
      let comparison = data.comparisons.first { row.term == TrialFrames.armColumn + $0.code }
      var record = record(
        comparison == nil ? others : measure, from: report,
        contrast: comparison.map { ratio ? $0.ratio : $0.difference }, term: row.term)
      record.take(row, level: data.plan.level)
      record.warnings += report.warnings
      return record
    }
  }

  /// The record that stands where a model has no fit: no estimate, the reason, a status that is not usable.
  func failed(_ measure: Result.Measure, _ formula: String?, _ failure: Failure) -> Result {
    var record = analysis.record(
      measure, variant: variant, of: data,
      contrast: data.comparisons.first.map { measure.null == 1 ? $0.ratio : $0.difference },
      term: data.comparisons.first.map { TrialFrames.armColumn + $0.code })
    record.method = method
    record.formula = formula
    record.status = .notConverged
    record.warnings = [failure.message]
    record.n = data.rows(in: variant.set.value, file: analysis.file?.value).count
    return record
  }

  /// How many participants of each arm have a row that a model of repeated measurements uses, and how many of the set
  /// have none.
  func participants(_ frame: DataFrame) -> [Result] {
    let members = data.rows(in: variant.set.value, file: nil)
    let rows = data.rows(in: variant.set.value, file: analysis.file?.value)
    let owner = analysis.file.flatMap { data.files[$0.value]?.participant }
    let columns = frame.names.compactMap { frame[$0] }
    var isUsed = [Bool](repeating: false, count: data.participants.rowCount)
    for (place, row) in rows.enumerated() where !columns.contains(where: { $0.isMissing(at: place) }) {
      isUsed[owner?[row] ?? row] = true
    }
    let codes = data.armCodes
    return data.arms.enumerated().map { arm, code in
      let own = members.filter { codes[$0] == Int32(arm) }
      var record = analysis.record(.count, variant: variant, of: data, group: code, term: "participants")
      let used = own.count { isUsed[$0] }
      record.estimate = Double(used)
      record.n = used
      record.dropped = own.count - used
      return record
    }
  }

  /// Variances and correlations of random effects, the residual variance last.
  func components(_ report: ModelReport) -> [Result] {
    report.section("varComp").map { row in
      let group = row["group"]?.text ?? ""
      let first = row["term1"]?.text
      let second = row["term2"]?.text
      let name = group == "Residual" ? group : "\(group):\(first ?? "(Intercept)")"
      var record =
        second == nil
        ? self.record(.varianceComponent, from: report, term: name)
        : self.record(.correlation, from: report, term: "\(name):\(second!)")
      // A variance is printed as itself, a covariance as its correlation.
      record.estimate = second == nil ? row["vcov"]?.double : row["sdcor"]?.double
      return record
    }
  }

  /// The standardised means of the arms and their comparisons, from a report's `marginal` rows.
  ///
  /// - Parameter method: the method's name in the records.
  func standardised(_ report: ModelReport, method: String) -> [Result] {
    report.section("marginal").compactMap { row in
      let level = row["level"]?.text
      let comparison = data.comparisons.first { $0.code == level }
      let measure: Result.Measure
      let contrast: String?
      switch row["measure"]?.text {
      case "risk", "mean": (measure, contrast) = (.risk, nil)
      case "difference": (measure, contrast) = (.riskDifference, comparison?.difference)
      case "ratio": (measure, contrast) = (.riskRatio, comparison?.ratio)
      default: return nil
      }
      var record = self.record(
        measure, from: report, group: measure == .risk ? level : nil, contrast: contrast, term: "standardised"
      )
      record.method = method
      record.take(row, level: data.plan.level)
      return record
    }
  }

  /// The records of the tests of the whole fit, under the names of the contract spelled out.
  func tests(from report: ModelReport, contrast: String? = nil) -> [Result] {
    report.tests.map { test in
      let names = ["lr": "likelihood-ratio", "LR": "likelihood-ratio", "logrank": "log-rank"]
      var record = record(.test, from: report, contrast: contrast, term: names[test.name] ?? test.name)
      record.statistic = test.statistic
      record.df = test.df
      record.df2 = test.df2
      record.pValue = test.pValue
      return record
    }
  }
}

extension Result {
  /// Takes over a coefficient's numbers. An infinite limit has no number and is left out.
  mutating func take(_ row: Coefficient, level: Double) {
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    estimate = finite(row.estimate)
    standardError = finite(row.standardError)
    statistic = finite(row.statistic)
    df = row.df
    pValue = finite(row.pValue)
    low = finite(row.low)
    high = finite(row.high)
    self.level = level
    if row.estimate == nil { warnings.append("not estimable: a combination of other terms") }
  }
}
