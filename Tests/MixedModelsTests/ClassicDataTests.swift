import LinearAlgebra
import TestSupport
import Testing

@testable import MixedModels

/// What `lmer` of lme4 1.1-31 and the degrees of freedom of lmerTest 3.1-3 give, R 4.2.2.
///
/// `lmer(…, control = lmerControl(optimizer = "nloptwrap", optCtrl = list(algorithm = "NLOPT_LN_BOBYQA",
/// xtol_abs = 1e-12, ftol_abs = 1e-14, maxeval = 1e5)))`: at its defaults lme4 stops some 1e-6 before the optimum. Its
/// derivative-free search still limits θ to about seven digits, lmerTest's finite differences the degrees of freedom.
struct LmerValues: Sendable {
  let criterion: Double
  let theta: [Double]
  let sigma: Double
  let estimates: [Double]
  let errors: [Double]
  let df: [Double]
  /// The first modes of the two groupings.
  let modes: [[Double]]

  func expectEqual(_ fit: LinearMixedFit) {
    let rows = fit.coefficientTable()
    expectClose(-2 * fit.logLikelihood, criterion, relative: 1e-10)
    expectClose(fit.theta, theta, relative: 2e-6)
    expectClose(fit.sigma, sigma, relative: 1e-6)
    expectClose(rows.map { $0.estimate! }, estimates, relative: 1e-6)
    expectClose(rows.map { $0.standardError! }, errors, relative: 1e-6)
    expectClose(rows.map { $0.df! }, df, relative: 1e-5)
    for (own, reference) in zip(fit.randomEffects, modes) {
      expectClose(
        (0..<reference.count).map { own.estimates[$0, 0] }, reference, relative: 1e-5, absolute: 1e-7)
    }
    #expect(fit.status == .ok)
  }
}

@Suite("Classic data sets against lme4") struct ClassicDataTests {
  @Test("Penicillin, fully crossed") func penicillin() throws {
    // Here lme4's search ends 1e-8 above the least value of its own objective; these are its values at the point that
    // `optim(…, method = "BFGS", control = list(reltol = 1e-16, ndeps = c(1e-5, 1e-5)))` finds for its `devFunOnly`.
    LmerValues(
      criterion: 330.860588991086, theta: [1.539677637300, 3.512415093499], sigma: 0.549923136376,
      estimates: [22.972222222225], errors: [0.808573360015], df: [5.487092824122],
      modes: [
        [0.804547048836, 0.804547048836, 0.181671914253], [2.18705796688, -1.01047614926, 1.93789946433],
      ]
    ).expectEqual(try Penicillin.model(.restricted).fit())
    LmerValues(
      criterion: 332.188348669, theta: [1.53759428031, 3.21975622454], sigma: 0.549932139517,
      estimates: [22.9722222222], errors: [0.744596265748], df: [6.68905325555],
      modes: [
        [0.804403763565, 0.804403763565, 0.181639559515], [2.18565977680, -1.00983015004, 1.93666056172],
      ]
    ).expectEqual(try Penicillin.model(.maximum).fit())
  }

  @Test("Pastes, nested") func pastes() throws {
    LmerValues(
      criterion: 246.990745853, theta: [3.52690220897, 1.56346001184], sigma: 0.823407522596,
      estimates: [60.0533333333], errors: [0.676870046254], df: [9.00000034828],
      modes: [
        [1.774687288272, 0.332651406697, 1.966958739149], [0.800643993846, -0.272508347303, 0.722267699268],
      ]
    ).expectEqual(try Pastes.model(.restricted).fit())
    LmerValues(
      criterion: 247.994465862, theta: [3.52690161855, 1.32991215813], sigma: 0.823407569666,
      estimates: [60.0533333333], errors: [0.642135332861], df: [9.99999994492],
      modes: [
        [1.925586737520, 0.483550874601, 2.117858185910], [0.643678959803, -0.219083501379, 0.580668218256],
      ]
    ).expectEqual(try Pastes.model(.maximum).fit())
  }

  @Test("Ratings of lecturers, partly crossed") func ratings() throws {
    LmerValues(
      criterion: 4530.11217412, theta: [0.284431962778, 0.470701469324], sigma: 1.13729262085,
      estimates: [3.276492838533, 0.178030462911], errors: [0.083306317360, 0.112086702334],
      df: [93.9528266983, 258.8679840618],
      modes: [
        [0.28875762545173, 0.00637370084378, -0.14009519690181],
        [0.0519810751306, 0.4603195687496, -0.1613103579797],
      ]
    ).expectEqual(try LecturerRatings.model(.restricted).fit())
    LmerValues(
      criterion: 4524.25710643, theta: [0.280650960576, 0.467491610515], sigma: 1.13736852229,
      estimates: [3.276934749650, 0.177834171107], errors: [0.082696447357, 0.111656884598],
      df: [94.2988925462, 265.3251321663],
      modes: [
        [0.28389939434691, 0.00626837146942, -0.13693687796205],
        [0.051248024082, 0.459379459889, -0.160430963476],
      ]
    ).expectEqual(try LecturerRatings.model(.maximum).fit())
  }

  @Test("The search by average information ends where BOBYQA and Newton's method do") func searches() throws {
    for model in [
      Penicillin.model(.restricted), Pastes.model(.maximum), LecturerRatings.model(.restricted),
      SleepStudy.slopes(),
    ] {
      let criterion = try model.criterion()
      let found = try #require(AverageInformationSearch(criterion: criterion).minimise())
      #expect(found.evaluations < 20)
      var search = LinearMixedOptimiser(criterion: criterion)
      search.usesInformation = false
      let reference = try search.optimise()
      #expect(reference.record.method.hasPrefix("BOBYQA"))
      expectClose(found.solution, reference.solution.theta, relative: 1e-6, absolute: 1e-7)
    }
  }

  @Test("Both ways through the rest's matrices give the same derivatives") func nearZero() throws {
    // On one side of a hundredth G⁻¹ is used, on the other S¹ alone.
    for (theta, other) in [([0.3, 0.01], [0.3, 0.0099999999]), ([0.3, 0.0100001], [0.3, 0])] {
      let criterion = try LecturerRatings.model(.restricted).criterion()
      let above = try criterion.solution(at: theta)
      let below = try criterion.solution(at: other)
      if other[1] > 0 {
        expectClose(above.covarianceGradient, below.covarianceGradient, relative: 1e-6)
        for k in 0..<3 {
          expectClose(above.covarianceHessian.row(k), below.covarianceHessian.row(k), relative: 1e-6)
        }
      } else {
        // At zero itself the sums must still be finite, and near those of a small variance.
        expectClose(above.covarianceGradient, below.covarianceGradient, relative: 0.05)
      }
    }
  }
}

@Suite("A factorisation by tiles") struct TiledFactorisationTests {
  /// A sparse, diagonally heavy matrix of an order that is no multiple of a tile's.
  private static let order = 2 * TiledCholesky.tile + 37
  private static var matrix: Matrix {
    var a = Matrix(rows: order, columns: order)
    for j in 0..<order {
      a[j, j] = 4 + Double(j % 7)
      for step in [1, 5, 160] where j + step < order {
        a[j + step, j] = 0.3 + 0.1 * Double((j * step) % 5)
        a[j, j + step] = a[j + step, j]
      }
    }
    return a
  }

  @Test("The factor and the inverse are those of LAPACK") func agreement() throws {
    let n = Self.order
    let reference = try CholeskyFactor(of: Self.matrix)
    var a = Self.matrix.storage
    var scratch = a
    let failed = a.withUnsafeMutableBufferPointer { TiledCholesky.factor($0, order: n) }
    #expect(failed == 0)
    for j in 0..<n {
      expectClose(
        (j..<n).map { a[$0 + j * n] }, Array(reference.lower.column(j)[j...]), relative: 1e-12,
        absolute: 1e-14)
    }
    a.withUnsafeMutableBufferPointer { a in
      scratch.withUnsafeMutableBufferPointer { TiledCholesky.invert(a, scratch: $0, order: n) }
    }
    let inverse = reference.inverse()
    for j in 0..<n {
      expectClose(
        (j..<n).map { a[$0 + j * n] }, Array(inverse.column(j)[j...]), relative: 1e-11, absolute: 1e-14)
    }
  }

  @Test("A minor that is not positive is found") func notPositive() {
    var a = Self.matrix
    a[150, 150] = -1
    let failed = a.storage.withUnsafeMutableBufferPointer { TiledCholesky.factor($0, order: Self.order) }
    #expect(failed == 151)
  }
}
