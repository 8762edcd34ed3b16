import Inference
import Optimisation
import TestSupport
import Testing

@testable import MixedModels

@Suite("Profile limits of linear mixed models")
struct LinearMixedProfileTests {
  // R 4.2.2, lme4 1.1.31: confint(lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE), method = "profile"),
  // which interpolates the profile by splines; hence the tolerance.
  @Test("Correlated slopes agree with lme4, whether REML or ML is fitted")
  func slopes() throws {
    for estimation in [LikelihoodEstimation.restricted, .maximum] {
      var model = SleepStudy.slopes()
      model.estimation = estimation
      let profile = try model.profile()
      let expected = [
        (14.381486296043, 37.716012410063), (3.801164756179, 8.753387133584),
        (-0.481500409144, 0.684985909997), (22.898266215013, 28.857997322742),
      ]
      for (limits, (low, high)) in zip(profile.components, expected) {
        expectClose(try #require(limits.low), low, relative: 3e-4)
        expectClose(try #require(limits.high), high, relative: 3e-4)
      }
      let coefficients = [(237.680695469373, 265.129514691758), (7.358653295307, 13.575918741498)]
      for (limits, (low, high)) in zip(profile.coefficients, coefficients) {
        expectClose(try #require(limits.low), low, relative: 1e-4)
        expectClose(try #require(limits.high), high, relative: 1e-4)
      }
    }
  }

  // The same call with (1 | Subject).
  @Test("Random intercepts agree with lme4")
  func intercepts() throws {
    let profile = try SleepStudy.intercepts().profile()
    expectClose(try #require(profile.components[0].low), 26.00712044807, relative: 1e-4)
    expectClose(try #require(profile.components[0].high), 52.9359835296, relative: 1e-4)
    expectClose(try #require(profile.components[1].low), 27.81384720813, relative: 1e-4)
    expectClose(try #require(profile.components[1].high), 34.5910498579, relative: 1e-4)
    expectClose(try #require(profile.coefficients[1].low), 8.88655095805, relative: 1e-4)
    expectClose(try #require(profile.coefficients[1].high), 12.0480209620, relative: 1e-4)
  }

  @Test("The likelihood has fallen by the critical amount at a limit of σ")
  func definition() throws {
    var model = SleepStudy.intercepts()
    model.estimation = .maximum
    let profile = try model.profile(level: 0.9)
    let criterion = try model.criterion()
    let best = try LinearMixedOptimiser(criterion: criterion).optimise()
    let sigma = try #require(profile.components[1].high)
    // The least over a fine grid of θ around what the limit's σ asks for.
    let theta = best.solution.theta[0]
    let least = (0...4000).map { k in
      criterion.deviance(
        at: [theta * (0.5 + Double(k) / 4000)], variance: sigma * sigma)
    }.min()!
    expectClose(least - best.record.objective, 2.705543454095414, relative: 1e-5)
  }

  @Test("Newton's method and the search without derivatives end at the same limits")
  func methods() throws {
    for (model, slope) in [(SleepStudy.intercepts(), true), (Penicillin.model(.maximum), false)] {
      var model = model
      model.estimation = .maximum
      let profile = try model.profile()
      let criterion = try model.criterion()
      let best = try LinearMixedOptimiser(criterion: criterion).optimise()
      let newton = ProfileNewton(
        criterion: criterion, theta: best.solution.theta, variance: best.solution.variance,
        deviance: best.record.objective, critical: 3.841458820694124)
      let sigma = try #require(newton.limit(.upper) { $1 })
      expectClose(try #require(profile.components.last?.high), sigma, relative: 1e-9)
      // Along the profile −2 log L has risen by the critical amount: for σ held, over a fine search in θ.
      var search = BOBYQA(
        lower: criterion.layout.lowerBounds, upper: best.solution.theta.map { 10 * ($0 + 1) })
      search.absoluteObjectiveTolerance = 1e-12
      search.absoluteParameterTolerance = 1e-10
      let least = search.minimise(from: best.solution.theta) {
        criterion.deviance(at: $0, variance: sigma * sigma)
      }
      expectClose(least.objective - best.record.objective, 3.841458820694124, relative: 1e-8)
      let basis = criterion.basis
      let contrast = basis.toEstimable.row(slope ? 1 : 0)
      for side in [ProfileLimit.Side.lower, .upper] {
        let limit = try #require(newton.limit(side, ofContrast: contrast))
        let held = search.minimise(from: best.solution.theta) {
          criterion.deviance(at: $0, holding: contrast, at: limit)
        }
        expectClose(held.objective - best.record.objective, 3.841458820694124, relative: 1e-8)
      }
    }
  }
}
