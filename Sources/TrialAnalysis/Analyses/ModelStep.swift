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
      return try ModelCatalogue.entry(model).fitWhole(request)
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
  ///
  /// - Parameter part: the part of the analysis whose numbers they are, where that is not the variant itself.
  func note(
    _ model: String, _ formula: String, _ frame: DataFrame, options: FitOptions, variant part: String? = nil
  ) {
    data.log?.add(
      LoggedFit(variant: part ?? variant.id, model: model, request: request(formula, frame, options)))
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
    let missing = group.flatMap { self.missing(fromArm: $0, report) } ?? report.missing
    record.drop(
      missing, variant.covariates.isEmpty ? "missing outcome" : "missing outcome or covariate",
      beforeLandmark: beforeLandmark(of: group, report))
    record.events = report.figure("events").map { Int($0) }
    record.status = report.status
    if !data.isRepeated { record.conventions = conventions(of: report) }
    return record
  }

  /// A record of an arm that rests on all rows of the model, as a mean of the fitted model does.
  func wholeRecord(
    _ measure: Result.Measure, from report: ModelReport, group: String?, contrast: String? = nil,
    term: String? = nil, time: Double? = nil
  ) -> Result {
    var record = record(measure, from: report, contrast: contrast, term: term, time: time)
    record.group = group
    return record
  }

  /// The rows that a landmark left out because their follow-up had ended.
  ///
  /// - Parameter arm: those of one arm; of all where nil.
  func beforeLandmark(of arm: String?, _ report: ModelReport) -> Int {
    report.section("landmark").reduce(0) { total, row in
      guard arm == nil || self.arm(named: row["group"]?.text) == arm else { return total }
      let counts = ["eventBefore", "censoredBefore"].compactMap { row[$0]?.double }
      return total + Int(counts.reduce(0, +))
    }
  }

  /// The rows of an arm that the model left out for a missing value; nil for a group that is no arm.
  private func missing(fromArm code: String, _ report: ModelReport) -> Int? {
    // After a landmark the rows of the model are no longer those of the table.
    guard report.section("landmark").isEmpty else { return nil }
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

  /// The records of the coefficients, the intercept left out; those of the arm carry the comparison too. Where the plan is
  /// carried out on thousands of data sets, those of the arm alone.
  ///
  /// - Parameters:
  ///   - measure: what an arm's coefficient measures.
  ///   - others: what the other coefficients measure.
  func effects(_ measure: Result.Measure, others: Result.Measure, from report: ModelReport) -> [Result] {
    let ratio = measure.null == 1
    let comparisons = data.comparisons.map { (term: TrialFrames.armColumn + $0.code, comparison: $0) }
    return report.coefficients.compactMap { row in
      if row.term == "(Intercept)" { return nil }
      let comparison = comparisons.first { row.term == $0.term }?.comparison
      if comparison == nil, data.isRepeated { return nil }
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
    let term = "participants"
    let counted = DataFrame(
      [
        (term, .numeric(members.map { isUsed[$0] ? 1 : .nan })),
        (TrialFrames.armColumn, .categorical(codes: members.map { codes[$0] }, levels: data.arms)),
      ], rowCount: members.count)
    data.log?.add(LoggedCount(variant: variant.id, column: term, frame: counted))
    return data.arms.enumerated().map { arm, code in
      let own = members.filter { codes[$0] == Int32(arm) }
      var record = analysis.record(.count, variant: variant, of: data, group: code, term: term)
      let used = own.count { isUsed[$0] }
      record.estimate = Double(used)
      record.n = used
      record.dropped = own.count - used
      if own.count > used { record.droppedReason = "no row without missing values" }
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
      case "risk", "mean":
        if data.isRepeated { return nil }
        (measure, contrast) = (.risk, nil)
      case "difference": (measure, contrast) = (.riskDifference, comparison?.difference)
      case "ratio": (measure, contrast) = (.riskRatio, comparison?.ratio)
      default: return nil
      }
      var record = wholeRecord(
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
  /// Notes how many rows a number leaves out, and why.
  mutating func drop(_ missing: Int, _ reason: String, beforeLandmark: Int) {
    dropped = missing + beforeLandmark
    let reasons =
      (missing > 0 ? [reason] : []) + (beforeLandmark > 0 ? ["follow-up ended by the landmark"] : [])
    droppedReason = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

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
