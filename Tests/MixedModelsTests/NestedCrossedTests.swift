import Glibc
import LinearAlgebra
import TestSupport
import Testing

@testable import MixedModels

/// A small unbalanced data set with two crossed groupings and one nested in the first; numbers of no meaning.
enum Laboratory {
  static let batch = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 2, 1, 0]
  /// Casks 0 and 1 of batch 0, 2 and 3 of batch 1, ….
  static let cask = [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 5, 2, 1]
  static let rater = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 1, 2, 0, 1]
  static let x = [
    0.3, 1.1, -0.4, 2.2, 0.9, -1.3, 0.2, 0.8, 1.9, -0.7, 0.4, 1.5, -1.8, 0.6, 0.1, 1.2, -0.9, 0.5,
    2.0, -0.2, 0.7, -1.1, 1.4, 0.0,
  ]
  static let y = [
    62.8, 63.9, 60.1, 66.4, 64.0, 57.1, 59.9, 61.7, 62.6, 58.3, 60.2, 61.1, 55.8, 60.3, 58.6, 65.1,
    60.7, 62.5, 67.0, 61.7, 63.4, 56.2, 61.3, 62.9,
  ]
  static var design: Matrix {
    Matrix(columns: [[Double](repeating: 1, count: 24), x], rows: 24)
  }
  static func names(_ count: Int) -> [String] { (0..<count).map { "l\($0)" } }

  static func model(_ terms: [RandomEffectDesign]) -> LinearMixedModel {
    LinearMixedModel(
      design: design, columnNames: ["(Intercept)", "x"], response: y, terms: terms)
  }
  static var nested: LinearMixedModel {
    model([
      .intercept(group: "cask:batch", codes: cask, levels: names(8)),
      .intercept(group: "batch", codes: batch, levels: names(4)),
    ])
  }
  static var crossed: LinearMixedModel {
    model([
      .intercept(group: "cask", codes: cask, levels: names(8)),
      .intercept(group: "rater", codes: rater, levels: names(3)),
    ])
  }
  static var slopes: LinearMixedModel {
    model([
      .intercept(group: "rater", codes: rater, levels: names(3)),
      RandomEffectDesign(
        group: "batch", columnNames: ["(Intercept)", "x"], design: design, codes: batch,
        levels: names(4)),
      .intercept(group: "cask", codes: cask, levels: names(8)),
    ])
  }
}

@Suite("Several groupings") struct NestedCrossedTests {
  @Test("Moments of balanced data are the restricted likelihood's estimates") func moments() throws {
    for model in [Penicillin.model(.restricted), Pastes.model(.restricted)] {
      let ones = [Double](repeating: 1, count: model.response.count)
      let layout = try RandomEffectsLayout(model.terms, rootWeights: ones)
      let basis = try FixedEffectsBasis(design: model.design, response: model.response, rootWeights: ones)
      let products = NestedCrossedProducts(layout: layout, basis: basis.columns, rootWeights: ones)
      let start = try #require(products.momentStart())
      expectClose(layout.userTheta(start), try model.fit().theta, relative: 1e-9)
    }
    // Several effects a level have no such start.
    let layout = try RandomEffectsLayout(
      Laboratory.slopes.terms, rootWeights: [Double](repeating: 1, count: 24))
    let products = NestedCrossedProducts(
      layout: layout, basis: Laboratory.design, rootWeights: [Double](repeating: 1, count: 24))
    #expect(products.momentStart() == nil)
  }

  /// −2 log restricted likelihood with V formed and factored as a whole, for a model in which Z is dense.
  static func direct(_ model: LinearMixedModel, theta: [Double], restricted: Bool) throws -> Double {
    let n = model.response.count
    let p = model.design.columns
    var v = Matrix.identity(n)
    let layout = try RandomEffectsLayout(
      model.terms, rootWeights: [Double](repeating: 1, count: n))
    var k = 0
    // Terms in lme4's order.
    for block in layout.terms {
      let term = model.terms.first { $0.group == block.group && $0.columnNames == block.columnNames }!
      let q = term.columnNames.count
      var factor = Matrix(rows: q, columns: q)
      for j in 0..<q {
        for i in j..<q {
          factor[i, j] = theta[k]
          k += 1
        }
      }
      let zl = term.design * factor
      for a in 0..<n {
        for b in 0..<n where term.codes[a] == term.codes[b] {
          v[a, b] += dot(zl.row(a), zl.row(b))
        }
      }
    }
    let l = try CholeskyFactor(of: v)
    let x = Matrix(columns: (0..<p).map { l.solveLower(model.design.column($0)) }, rows: n)
    let y = l.solveLower(model.response)
    let qr = try PivotedQR(of: x)
    let effects = qr.transposedQ(times: y)
    let rss = effects[p...].reduce(0) { $0 + $1 * $1 }
    let nu = Double(restricted ? n - p : n)
    let fixed = restricted ? 2 * qr.r.diagonal.reduce(0) { $0 + log(abs($1)) } : 0
    return l.logDeterminant + fixed + nu * (1 + log(2 * Double.pi * rss / nu))
  }

  @Test("The blocked criterion is that of the whole covariance matrix") func criterion() throws {
    for estimation in [LikelihoodEstimation.restricted, .maximum] {
      for (model, theta) in [
        (Laboratory.nested, [1.3, 0.6]), (Laboratory.crossed, [0.8, 1.7]),
        (Laboratory.slopes, [0.9, 1.2, -0.3, 0.5, 0.7]), (Laboratory.slopes, [0, 0, 0, 0, 0]),
      ] {
        var model = model
        model.estimation = estimation
        expectClose(
          try model.objective(at: theta),
          try Self.direct(model, theta: theta, restricted: estimation == .restricted),
          relative: 1e-12)
      }
    }
  }

  @Test("The analytic gradient and Hessian are those of the criterion") func derivatives() throws {
    for estimation in [LikelihoodEstimation.restricted, .maximum] {
      for (model, theta) in [
        (Laboratory.nested, [1.3, 0.6]), (Laboratory.crossed, [0.8, 1.7]),
        (Laboratory.slopes, [0.9, 1.2, -0.3, 0.5, 0.7]), (SleepStudy.slopes(), [1.1, 0.2, 0.8]),
        (SleepStudy.slopes(correlated: false), [1.1, 0.8]),
      ] {
        var model = model
        model.estimation = estimation
        let criterion = try model.criterion()
        let solution = try criterion.solution(at: theta)
        let m = theta.count
        for k in 0..<m {
          func at(_ h: Double) -> [Double] {
            var moved = theta
            moved[k] += h
            return moved
          }
          let h = 1e-4
          let slope =
            (8 * (criterion.value(at: at(h)) - criterion.value(at: at(-h)))
              - (criterion.value(at: at(2 * h)) - criterion.value(at: at(-2 * h)))) / (12 * h)
          expectClose(solution.gradient[k], slope, relative: 1e-7, absolute: 1e-7)
          let up = try criterion.solution(at: at(h)).gradient
          let down = try criterion.solution(at: at(-h)).gradient
          for l in 0..<m {
            // The gradient is that of the profiled criterion, the Hessian is joint in (θ, log σ²).
            let profiled =
              solution.hessian[k, l]
              - solution.hessian[k, m] * solution.hessian[l, m] / solution.hessian[m, m]
            expectClose(profiled, (up[l] - down[l]) / (2 * h), relative: 1e-6, absolute: 1e-5)
          }
        }
      }
    }
  }

  @Test("The order of rows, of terms and of levels does not matter") func invariance() throws {
    let fit = try Laboratory.slopes.fit()
    let order = (0..<24).map { ($0 * 7 + 5) % 24 }
    let relabel = [2, 0, 3, 1]
    let terms = Laboratory.slopes.terms.reversed().map { term in
      RandomEffectDesign(
        group: term.group, columnNames: term.columnNames,
        design: term.design.selecting(rows: order),
        codes: order.map { term.group == "batch" ? relabel[term.codes[$0]] : term.codes[$0] },
        levels: term.levels)
    }
    let other = try LinearMixedModel(
      design: Laboratory.design.selecting(rows: order), columnNames: ["(Intercept)", "x"],
      response: order.map { Laboratory.y[$0] }, terms: Array(terms)
    ).fit()
    expectClose(other.logLikelihood, fit.logLikelihood, relative: 1e-12)
    expectClose(other.sigma, fit.sigma, relative: 1e-6)
    expectClose(
      other.coefficientTable().map { $0.standardError! },
      fit.coefficientTable().map { $0.standardError! }, relative: 1e-6)
    expectClose(
      other.coefficientTable().map { $0.df! }, fit.coefficientTable().map { $0.df! }, relative: 1e-5)
  }

  @Test("Units of the response and of a covariate change scales alone") func scaling() throws {
    for method in [DegreesOfFreedomMethod.satterthwaite, .kenwardRoger] {
      var model = SleepStudy.slopes()
      model.degreesOfFreedom = method
      let fit = try model.fit()
      // Days as calendar minutes from a distant origin; reaction in seconds.
      let minutes = SleepStudy.days.map { 1440 * $0 + 525_600 }
      let design = Matrix(columns: [[Double](repeating: 1, count: 180), minutes], rows: 180)
      var other = LinearMixedModel(
        design: design, columnNames: ["(Intercept)", "minutes"],
        response: SleepStudy.reaction.map { $0 / 1000 },
        terms: [
          RandomEffectDesign(
            group: "Subject", columnNames: ["(Intercept)", "minutes"], design: design,
            codes: SleepStudy.codes, levels: SleepStudy.subjects)
        ])
      other.degreesOfFreedom = method
      let scaled = try other.fit()
      expectClose(scaled.sigma * 1000, fit.sigma, relative: 1e-7)
      let row = scaled.coefficientTable()[1]
      let original = fit.coefficientTable()[1]
      expectClose(row.estimate! * 1000 * 1440, original.estimate!, relative: 1e-7)
      expectClose(row.statistic!, original.statistic!, relative: 1e-7)
      expectClose(row.df!, original.df!, relative: 1e-6)
      expectClose(
        scaled.varianceComponents[1].sdOrCorrelation! * 1000 * 1440,
        fit.varianceComponents[1].sdOrCorrelation!, relative: 1e-6)
    }
  }

  @Test("An aliased column has no estimate and changes nothing") func aliased() throws {
    let fit = try Laboratory.crossed.fit()
    var model = Laboratory.crossed
    model.design = Laboratory.design.appending(
      columnsOf: Matrix(columns: [Laboratory.x.map { 2 * $0 - 1 }], rows: 24))
    model.columnNames = ["(Intercept)", "x", "double"]
    let other = try model.fit()
    #expect(other.coefficients[2] == nil && other.estimableColumns == [0, 1])
    #expect(other.warnings.contains { $0.contains("double") })
    expectClose(other.coefficients[1]!, fit.coefficients[1]!, relative: 1e-10)
    expectClose(other.df(for: [0, 1, 0]), fit.df(for: [0, 1]), relative: 1e-6)
  }
}
