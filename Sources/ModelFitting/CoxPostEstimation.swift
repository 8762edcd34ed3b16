import Glibc
import Inference
import LinearAlgebra
import ModelFormula
import Probability
import Serialisation
import Survival

/// What is asked of a Cox fit after its coefficients: tests of terms, marginal means, predictions, residuals.
struct CoxPostEstimation {
  let fit: CoxFit
  let frame: ModelFrame
  let design: DesignMatrix
  let options: FitOptions
  /// Fits the model on other columns.
  let refit: (Matrix) throws -> CoxFit

  private var post: PostEstimation {
    PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients, covariance: fit.covariance.matrix, design: design.matrix,
        reference: { _ in .normal }), options: options, intercept: .implied)
  }

  /// Adds everything that was asked for.
  func add(to report: inout ModelReport) throws {
    try addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    let predictions = CoxPredictions(fit: fit, frame: frame, design: design, options: options)
    if let variable = options.standardise {
      try predictions.addStandardised(variable, post.standardisedRows(variable), to: &report)
    } else if options.standardisationTarget != nil {
      throw FitRequestError.notEstimable("--target needs --standardise, the variable to standardise over")
    } else {
      try predictions.add(to: &report)
    }
    try CoxResiduals(fit: fit, frame: frame, design: design).add(options.survival.residuals, to: &report)
  }

  /// Likelihood-ratio tests of the terms, with Wald's beside them; Wald's alone with a sandwich, for which the likelihood
  /// ratio has no distribution, and with a penalty. R `car::Anova`.
  private func addTermTests(to report: inout ModelReport) throws {
    guard let type = options.anova else { return }
    guard case .modelBased = fit.covariance.kind, fit.penalty == .none else {
      try post.addTermTests(to: &report)
      report.conventions.append(("term statistic", "wald"))
      return
    }
    let tests = try LikelihoodRatioTerms(post: post) { matrix, _ in
      // A model without columns has the likelihood that every fit knows as its null.
      guard matrix.columns > 0 else { return (-2 * fit.nullLogLikelihood, 0) }
      let reduced = try refit(matrix)
      return (-2 * reduced.logLikelihood, reduced.estimable.count)
    }.tests(type: type)
    PostEstimation.add(tests, type: type, to: &report)
    report.conventions.append(("term statistic", "likelihood ratio"))
    report.sections.append(
      .init(
        "anovaWald",
        .array(
          try post.termHypotheses(type: type).map { term, matrix in
            let test = PostEstimation.test(matrix, of: term, by: post.model, warningIn: &report)
            return [
              "term": .string(term), "df": .number(Optional(test?.df ?? Double(matrix.rows))),
              "statistic": .number(test?.statistic), "p.value": .number(test?.pValue),
            ]
          })))
  }
}

/// The predictions of a Cox fit for new rows.
struct CoxPredictions {
  let fit: CoxFit
  let frame: ModelFrame
  let design: DesignMatrix
  let options: FitOptions

  func add(to report: inout ModelReport) throws {
    let kind =
      options.survival.prediction ?? (options.predictLink ? .lp : options.times.isEmpty ? .risk : .survival)
    guard let new = options.predict else {
      if options.survival.prediction != nil {
        throw FitRequestError.badValue(
          option: "--predict-type", value: kind.rawValue,
          expected: "--predict FILE with the rows to predict for")
      }
      if !options.times.isEmpty { try addTimes(of: averageRow(), to: &report) }
      return
    }
    switch kind {
    case .survival: try addTimes(of: rows(new), to: &report)
    case .risk, .lp: try addLinear(rows(new), isRisk: kind == .risk, to: &report)
    case .expected: try addExpected(new, to: &report)
    }
  }

  /// Covariates, stratum and offset of the rows to predict for; nil where a row misses a value.
  private struct Rows {
    var covariates: Matrix
    var strata: [Int32]?
    var offset: [Double]?
  }

  private func rows(_ new: DataFrame) throws -> Rows {
    Rows(
      covariates: try design.schema.matrix(for: new), strata: try frame.strata(of: new),
      offset: try design.schema.offset(for: new))
  }

  /// The means of the covariates in every stratum, where no rows are given.
  private func averageRow() throws -> Rows {
    let centres = fit.centres
    let strata = frame.strata.map { (0..<$0.count).map { Int32($0) } }
    let count = strata?.count ?? 1
    return Rows(
      covariates: Matrix(rowMajor: [[Double]](repeating: centres, count: count)), strata: strata, offset: nil)
  }

  private func label(_ rows: Rows, _ i: Int) -> [JSONValue.Member] {
    guard let strata = rows.strata else { return [] }
    return [.init("stratum", strata[i] < 0 ? nil : .string(frame.strata!.labels[Int(strata[i])]))]
  }

  /// Survival at the times asked for.
  private func addTimes(of rows: Rows, to report: inout ModelReport) throws {
    guard !options.times.isEmpty else {
      throw FitRequestError.badValue(
        option: "--predict-type", value: "survival", expected: "--times a,b,c, at which survival is read")
    }
    let limits = Survival.SurvivalLimits(rawValue: (options.survivalLimits ?? .log).rawValue)!
    let curves = fit.predictedSurvival(
      covariates: rows.covariates, strata: rows.strata, offset: rows.offset, times: options.times.sorted(),
      limits: limits, level: options.confidenceLevel)
    var out: [JSONValue] = []
    for (i, curve) in curves.enumerated() {
      for point in curve {
        var members: [JSONValue.Member] = options.predict == nil ? [] : [.init("row", .integer(i + 1))]
        members += label(rows, i)
        members += [
          .init("time", .number(Optional(point.time))), .init("surv", .number(Optional(point.survival))),
          .init("std.err", .number(Optional(point.standardError))),
          .init("conf.low", .number(Optional(point.low))), .init("conf.high", .number(Optional(point.high))),
          .init("cumhaz", .number(Optional(point.cumulativeHazard))),
        ]
        if point.isBeyond { members.append(.init("beyond", true)) }
        out.append(.object(members))
      }
    }
    report.sections.append(.init("survival", .array(out)))
    report.conventions.append(("survival limits", limits.rawValue))
    if options.predict == nil {
      report.conventions.append(("survival at", "means of the covariates, 0 for indicators"))
    }
  }

  /// The linear predictor less its centre, or its exponential, the risk relative to the centre.
  private func addLinear(_ rows: Rows, isRisk: Bool, to report: inout ModelReport) throws {
    let centres = fit.predictionCentres()
    let z = Reference.normal.criticalValue(level: options.confidenceLevel)
    let beta = fit.estimates
    let meanOffset = frame.offset.map { $0.reduce(0, +) / Double($0.count) } ?? 0
    let out = (0..<rows.covariates.rows).map { i -> JSONValue in
      let x = fit.estimable.map { rows.covariates[i, $0] }
      guard x.allSatisfy(\.isFinite), let centre = centres[rows.strata?[i] ?? 0] else {
        return ["row": .integer(i + 1), "fit": nil, "se": nil, "conf.low": nil, "conf.high": nil]
      }
      let d = zip(x, centre).map { $0 - $1 }
      let lp = dot(d, beta) + (rows.offset?[i] ?? meanOffset) - meanOffset
      let se = fit.covariance.matrix.quadraticForm(d).squareRoot()
      let ends = (lp - z * se, lp + z * se)
      return [
        "row": .integer(i + 1), "fit": .number(Optional(isRisk ? exp(lp) : lp)),
        "se": .number(Optional(isRisk ? exp(lp) * se : se)),
        "conf.low": .number(Optional(isRisk ? exp(ends.0) : ends.0)),
        "conf.high": .number(Optional(isRisk ? exp(ends.1) : ends.1)),
      ]
    }
    report.sections.append(.init("predictions", .array(out)))
    report.conventions.append(("predictions", isRisk ? "risk relative to the reference" : "linear predictor"))
    report.conventions.append(
      (
        "prediction reference",
        frame.strata == nil ? "means of the covariates, 0 for indicators" : "means of the stratum"
      ))
  }

  /// The expected number of events over each new row's own time, H(stop | x) − H(start | x).
  private func addExpected(_ new: DataFrame, to report: inout ModelReport) throws {
    let rows = try rows(new)
    let response = String(frame.formula.text.prefix { $0 != "~" })
    let timed = try ModelFrame(Formula(parsing: response + "~ 1"), data: new)
    let times = try timed.survivalResponse()
    var out: [JSONValue] = (0..<new.rowCount).map { ["row": .integer($0 + 1), "fit": nil] }
    for (i, row) in timed.rows.enumerated() {
      let one = fit.predictedSurvival(
        covariates: rows.covariates.selecting(rows: [row]), strata: rows.strata.map { [$0[row]] },
        offset: rows.offset.map { [$0[row]] }, times: [times.start?[i] ?? 0, times.stop[i]])[0]
      guard one.count == 2 else { continue }
      // An event time at the start itself is not in the row's interval.
      let before = times.start == nil ? 0 : one[0].cumulativeHazard
      out[row] = [
        "row": .integer(row + 1), "fit": .number(Optional(one[1].cumulativeHazard - before)),
      ]
    }
    report.sections.append(.init("predictions", .array(out)))
    report.conventions.append(("predictions", "expected number of events"))
  }
}

/// The residuals of a Cox fit as rows.
struct CoxResiduals {
  let fit: CoxFit
  let frame: ModelFrame
  let design: DesignMatrix

  private var names: [String] { fit.estimable.map { design.columnNames[$0] } }

  /// Adds `residuals` (a row a row of the data used, by its line in the file) and `schoenfeld` (a row an event).
  func add(_ kinds: [SurvivalOptions.Residual], to report: inout ModelReport) throws {
    guard !kinds.isEmpty else { return }
    if fit.ties == .exact {
      throw FitRequestError.notEstimable("residuals belong to --ties efron or breslow; exact ties have none")
    }
    let ofEvents: Set<SurvivalOptions.Residual> = [.schoenfeld, .scaledSchoenfeld]
    let ofRows = kinds.filter { !ofEvents.contains($0) }
    if !ofRows.isEmpty {
      let columns = ofRows.flatMap(columns)
      let rows = frame.rows.indices.map { i -> JSONValue in
        let line = frame.data.lines?[frame.rows[i]] ?? frame.rows[i] + 1
        return .object(
          [.init("line", .integer(line))]
            + columns.map { .init($0.name, .number(Optional($0.values[i]))) })
      }
      report.sections.append(.init("residuals", .array(rows)))
    }
    let events = kinds.filter(ofEvents.contains)
    if !events.isEmpty { report.sections.append(.init("schoenfeld", .array(schoenfeld(events)))) }
  }

  private func columns(_ kind: SurvivalOptions.Residual) -> [(name: String, values: [Double])] {
    func spread(_ matrix: Matrix) -> [(String, [Double])] {
      names.enumerated().map { ("\(kind.rawValue) \($1)", matrix.column($0)) }
    }
    switch kind {
    case .martingale: return [(kind.rawValue, fit.martingaleResiduals())]
    case .deviance: return [(kind.rawValue, fit.devianceResiduals())]
    case .score: return spread(fit.scoreResiduals())
    case .dfbeta: return spread(fit.coefficientChanges())
    case .dfbetas:
      var changes = fit.coefficientChanges()
      for (j, error) in fit.modelCovariance.diagonal.enumerated() {
        changes.setColumn(j, changes.column(j).map { $0 / error.squareRoot() })
      }
      return spread(changes)
    case .schoenfeld, .scaledSchoenfeld: return []
    }
  }

  private func schoenfeld(_ kinds: [SurvivalOptions.Residual]) -> [JSONValue] {
    let plain = fit.schoenfeldResiduals()
    // Grambsch & Therneau: β + d V r, d the number of events.
    let factor = Double(plain.rows.count)
    let scaled = factor * (plain.residuals * fit.modelCovariance)
    return plain.rows.indices.map { e in
      let line = frame.data.lines?[frame.rows[plain.rows[e]]] ?? frame.rows[plain.rows[e]] + 1
      var members: [JSONValue.Member] = [
        .init("line", .integer(line)), .init("time", .number(Optional(plain.time[e]))),
      ]
      for (j, name) in names.enumerated() {
        if kinds.contains(.schoenfeld) {
          members.append(.init("schoenfeld \(name)", .number(Optional(plain.residuals[e, j]))))
        }
        if kinds.contains(.scaledSchoenfeld) {
          members.append(
            .init("scaled-schoenfeld \(name)", .number(Optional(fit.estimates[j] + scaled[e, j]))))
        }
      }
      return .object(members)
    }
  }
}
