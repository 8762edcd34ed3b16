import Inference
import LinearAlgebra
import MixedModels
import Probability
import TestSupport
import Testing

@Suite("Repeated measures")
struct RepeatedMeasuresTests {
  /// Subjects seen at up to four visits, with a design of visits and an arm.
  static func sample(
    _ structure: CovarianceStructure, subjects: Int = 40, complete: Bool = false, groups: Bool = false
  ) -> RepeatedMeasuresModel {
    var stream = RandomStream(seed: 7, purpose: "test/repeated-measures")
    var columns = [[Double]](repeating: [], count: 5)
    var response: [Double] = []
    var subject: [Int] = []
    var visit: [Int] = []
    var group: [Int] = []
    for s in 0..<subjects {
      let own = stream.normal(sd: 2)
      let arm = Double(s % 2)
      for v in 0..<4 where complete || v == 0 || stream.uniform() < 0.8 {
        columns[0].append(1)
        columns[1].append(arm)
        for k in 1..<4 { columns[1 + k].append(v == k ? 1 : 0) }
        response.append(10 + arm - Double(v) + own + stream.normal(sd: 1 + 0.3 * Double(v)))
        subject.append(s)
        visit.append(v)
        group.append(s % 2)
      }
    }
    var model = RepeatedMeasuresModel(
      design: Matrix(columns: columns), columnNames: ["(Intercept)", "arm", "v2", "v3", "v4"],
      response: response,
      subject: subject, visit: visit, visitCount: 4, structure: structure)
    if groups { model.group = group }
    return model
  }

  @Test("the gradient is that of the objective", arguments: CovarianceStructure.allCases)
  func gradient(structure: CovarianceStructure) throws {
    for estimation in [LikelihoodEstimation.restricted, .maximum] {
      var model = Self.sample(structure, groups: structure == .us)
      model.estimation = estimation
      let count = structure.parameterCount(visits: 4) * (structure == .us ? 2 : 1)
      let size = structure == .toep || structure == .toeph ? 0.3 : 0.7
      let small = (0..<count).map { (k: Int) -> Double in size * (1 - 0.02 * Double(k % 5)) }
      let exact = try #require(try model.gradient(at: small))
      for k in small.indices {
        var high = small
        var low = small
        high[k] += 1e-5
        low[k] -= 1e-5
        let above = try model.objective(at: high)
        let below = try model.objective(at: low)
        let numeric = (above - below) / 2e-5
        expectClose(exact[k], numeric, relative: 1e-5, absolute: 1e-5, because: "\(structure) parameter \(k)")
      }
    }
  }

  @Test("the derivatives of a covariance are those of its elements", arguments: CovarianceStructure.allCases)
  func derivatives(structure: CovarianceStructure) {
    let theta = (0..<structure.parameterCount(visits: 4)).map { 0.2 + 0.05 * Double($0) }
    for (k, derivative) in structure.derivatives(theta, visits: 4).enumerated() {
      var high = theta
      var low = theta
      high[k] += 1e-6
      low[k] -= 1e-6
      let difference = structure.covariance(high, visits: 4) - structure.covariance(low, visits: 4)
      expectClose(derivative.storage, (0.5e6 * difference).storage, relative: 1e-7, absolute: 1e-8)
    }
  }

  @Test("complete data with a mean for each visit give the sample covariance")
  func sampleCovariance() throws {
    // Five subjects at two visits by hand: deviations (−2, −1, 0, 1, 2) and (−1, −1, 0, 0, 2).
    let first = [3.0, 4, 5, 6, 7]
    let second = [9.0, 9, 10, 10, 12]
    var columns = [[Double]](repeating: [], count: 2)
    var response: [Double] = []
    for i in 0..<5 {
      response += [first[i], second[i]]
      columns[0] += [1, 0]
      columns[1] += [0, 1]
    }
    let fit = try RepeatedMeasuresModel(
      design: Matrix(columns: columns), columnNames: ["a", "b"], response: response,
      subject: (0..<10).map { $0 / 2 }, visit: (0..<10).map { $0 % 2 }, visitCount: 2, structure: .us
    ).fit()
    expectClose(fit.coefficients.compactMap { $0 }, [5, 10], relative: 1e-9)
    // Sums of products 10, 7 and 6 over n − 1 = 4.
    expectClose(fit.covariances[0].storage, [2.5, 1.75, 1.75, 1.5], relative: 1e-7)
    // Satterthwaite's degrees of freedom of one visit's mean are n − 1.
    expectClose(fit.inference.df(for: [1, 0]), 4, relative: 1e-5)
    #expect(fit.status == .ok)
  }

  @Test("one visit is least squares")
  func oneVisit() throws {
    let x = [0.0, 1, 2, 3, 4, 5]
    let y = [1.0, 3, 2, 5, 4, 6]
    var model = RepeatedMeasuresModel(
      design: Matrix(columns: [x.map { _ in 1 }, x]), columnNames: ["(Intercept)", "x"], response: y,
      subject: Array(0..<6), visit: [Int](repeating: 0, count: 6), visitCount: 1, structure: .us)
    model.degreesOfFreedom = .kenwardRoger
    let fit = try model.fit()
    // By hand: Sxy = 15.5, Sxx = Syy = 17.5; slope 15.5/17.5, residual variance (17.5 − 15.5²/17.5)/4.
    expectClose(fit.coefficients[1]!, 0.8857142857142857, relative: 1e-10)
    expectClose(fit.covariances[0][0, 0], 0.9428571428571428, relative: 1e-8)
    expectClose(fit.inference.df(for: [0, 1]), 4, relative: 1e-6)
  }

  @Test("compound symmetry is the random intercept where the correlation is positive")
  func randomIntercept() throws {
    let model = Self.sample(.cs)
    let repeated = try model.fit()
    let mixed = try LinearMixedModel(
      design: model.design, columnNames: model.columnNames, response: model.response,
      terms: [
        RandomEffectDesign(
          group: "subject", columnNames: ["(Intercept)"],
          design: Matrix(rows: model.response.count, columns: 1, repeating: 1), codes: model.subject,
          levels: (0..<40).map(String.init))
      ]
    ).fit()
    expectClose(repeated.logLikelihood, mixed.logLikelihood, relative: 1e-9)
    expectClose(
      repeated.coefficients.compactMap { $0 }, mixed.coefficients.compactMap { $0 }, relative: 1e-6)
    expectClose(
      repeated.inference.df(for: [0, 1, 0, 0, 0]), mixed.inference.df(for: [0, 1, 0, 0, 0]), relative: 1e-4)
  }

  @Test("the order of rows and the labels of subjects do not matter")
  func invariance() throws {
    let model = Self.sample(.us)
    let fit = try model.fit()
    var order = Array(model.response.indices)
    var stream = RandomStream(seed: 3, purpose: "test/shuffle")
    stream.shuffle(&order)
    var shuffled = model
    shuffled.design = model.design.selecting(rows: order)
    shuffled.response = order.map { model.response[$0] }
    shuffled.subject = order.map { 39 - model.subject[$0] }
    shuffled.visit = order.map { model.visit[$0] }
    let other = try shuffled.fit()
    expectClose(fit.logLikelihood, other.logLikelihood, relative: 1e-11)
    expectClose(
      fit.coefficients.compactMap { $0 }, other.coefficients.compactMap { $0 }, relative: 1e-8, absolute: 1e-8
    )
    expectClose(fit.covariances[0].storage, other.covariances[0].storage, relative: 1e-6)
  }

  @Test("rescaling the response rescales estimates and errors")
  func rescaling() throws {
    var model = Self.sample(.ar1h)
    let fit = try model.fit()
    model.response = model.response.map { 1000 * $0 }
    let scaled = try model.fit()
    expectClose(scaled.coefficients[1]!, 1000 * fit.coefficients[1]!, relative: 1e-6)
    expectClose(
      scaled.inference.df(for: [0, 1, 0, 0, 0]), fit.inference.df(for: [0, 1, 0, 0, 0]), relative: 1e-5)
  }

  @Test("richer structures do not fit worse")
  func nesting() throws {
    let values = try [CovarianceStructure.cs, .csh, .us].map { try Self.sample($0).fit().logLikelihood }
    #expect(values[0] <= values[1] + 1e-8)
    #expect(values[1] <= values[2] + 1e-8)
  }

  @Test("a subject with two rows of one visit, or without variation, is refused")
  func failures() throws {
    var model = Self.sample(.us)
    model.visit[1] = model.visit[0]
    #expect(throws: MixedModelError.repeatedVisit(row: 1)) { try model.fit() }
    var constant = Self.sample(.us)
    constant.response = constant.response.map { _ in 3 }
    #expect(throws: MixedModelError.noResidualVariation) { try constant.fit() }
  }

  @Test("a structure without a fit gives way to the next rung, which is fitted as if it had been asked for")
  func ladder() throws {
    // Three subjects at four visits: the unstructured likelihood has no maximum.
    var model = Self.sample(.us, subjects: 3, complete: true)
    let alone = try model.fit()
    #expect(alone.status == .notConverged && alone.attempts.count == 1)
    #expect(alone.attempts[0].failure != nil)
    model.fallback = [.cs]
    let fit = try model.fit()
    #expect(fit.status == .ok && fit.structure == .cs)
    #expect(fit.attempts.map(\.structure) == [.us, .cs])
    #expect(fit.attempts[0].failure != nil && fit.attempts[1].failure == nil)
    #expect(fit.warnings.contains { $0.contains("structure us was left") })
    var direct = Self.sample(.cs, subjects: 3, complete: true)
    direct.degreesOfFreedom = model.degreesOfFreedom
    expectClose(fit.logLikelihood, try direct.fit().logLikelihood, relative: 1e-12)
  }

  @Test("a ladder whose first rung has a fit stays there")
  func firstRung() throws {
    var model = Self.sample(.us)
    model.fallback = [.toeph, .cs]
    let fit = try model.fit()
    #expect(fit.structure == .us && fit.attempts == [CovarianceAttempt(structure: .us, failure: nil)])
  }

  @Test("structures that hold others are known")
  func structuresThatHoldOthers() {
    for structure in CovarianceStructure.allCases {
      #expect(CovarianceStructure.us.contains(structure) && structure.contains(structure))
    }
    #expect(CovarianceStructure.csh.contains(.cs) && !CovarianceStructure.cs.contains(.csh))
    #expect(!CovarianceStructure.ar1.contains(.cs) && !CovarianceStructure.toep.contains(.csh))
  }
}
