import Glibc
import Probability
import TestSupport
import Testing

// Each reference is the value R 4.2.2 prints with 17 digits for the call named beside it.

@Suite("Distributions")
struct DistributionTests {
  @Test("continuous densities, probabilities and quantiles are R's")
  func continuous() {
    expectClose(
      Normal(mean: 1, sd: 2).density(1.5), 0.19333405840142462, relative: 1e-14, because: "dnorm(1.5, 1, 2)")
    expectClose(
      Normal().cdf(-10), 7.6198530241605269e-24, relative: 1e-14, because: "pnorm(-10, lower.tail = TRUE)")
    expectClose(Normal().quantile(0.975), 1.9599639845400536, relative: 1e-14, because: "qnorm(0.975)")
    expectClose(
      Normal().cdf(40, tail: .upper, log: true), -804.6084420137538, relative: 1e-14,
      because: "pnorm(40, lower.tail = FALSE, log.p = TRUE)")
    expectClose(
      StudentT(df: 7.3).cdf(2.5, tail: .upper), 0.019825117332800228, relative: 1e-14,
      because: "pt(2.5, 7.3, lower.tail = FALSE)")
    expectClose(
      StudentT(df: 4.5).quantile(0.975), 2.6589123472044025, relative: 1e-14, because: "qt(0.975, 4.5)")
    expectClose(StudentT(df: 2).density(0.3), 0.33096385830912667, relative: 1e-14, because: "dt(0.3, 2)")
    expectClose(
      NoncentralT(df: 5, noncentrality: 1.2).cdf(2), 0.72351386416844699, relative: 1e-14,
      because: "pt(2, 5, ncp = 1.2)")
    expectClose(
      NoncentralT(df: 5, noncentrality: 1.2).quantile(0.8), 2.3583143237176838, relative: 1e-14,
      because: "qt(0.8, 5, ncp = 1.2)")
    expectClose(
      NoncentralT(df: 5, noncentrality: 1.2).density(2), 0.24410985122827525, relative: 1e-14,
      because: "dt(2, 5, ncp = 1.2)")
    expectClose(
      ChiSquared(df: 3).cdf(40, tail: .upper), 1.0655090334255863e-08, relative: 1e-14,
      because: "pchisq(40, 3, lower.tail = FALSE)")
    expectClose(
      ChiSquared(df: 2.5).quantile(0.95), 6.9280761134524234, relative: 1e-14, because: "qchisq(0.95, 2.5)")
    expectClose(ChiSquared(df: 4).density(1), 0.15163266492815838, relative: 1e-14, because: "dchisq(1, 4)")
    expectClose(
      NoncentralChiSquared(df: 2, noncentrality: 3).cdf(5), 0.59406080307819686, relative: 1e-14,
      because: "pchisq(5, 2, ncp = 3)")
    expectClose(
      NoncentralChiSquared(df: 2, noncentrality: 3).quantile(0.5), 4.0598016680317812, relative: 1e-14,
      because: "qchisq(0.5, 2, ncp = 3)")
    expectClose(
      NoncentralChiSquared(df: 2, noncentrality: 3).density(5), 0.092778693811356422, relative: 1e-14,
      because: "dchisq(5, 2, ncp = 3)")
    expectClose(
      FisherF(df1: 3, df2: 17.5).cdf(4.2, tail: .upper), 0.020878329565572406, relative: 1e-14,
      because: "pf(4.2, 3, 17.5, lower.tail = FALSE)")
    expectClose(
      FisherF(df1: 2, df2: 30).quantile(0.95), 3.3158295010135221, relative: 1e-14, because: "qf(0.95, 2, 30)"
    )
    expectClose(
      FisherF(df1: 3, df2: 8).density(1.2), 0.32082934732955593, relative: 1e-14, because: "df(1.2, 3, 8)")
    expectClose(
      NoncentralF(df1: 3, df2: 20, noncentrality: 2).cdf(4), 0.90920859370652907, relative: 1e-14,
      because: "pf(4, 3, 20, ncp = 2)")
    expectClose(
      NoncentralF(df1: 3, df2: 20, noncentrality: 2).quantile(0.9), 3.8527370321517047, relative: 1e-14,
      because: "qf(0.9, 3, 20, ncp = 2)")
    expectClose(
      NoncentralF(df1: 3, df2: 20, noncentrality: 2).density(4), 0.059420464631355613, relative: 1e-14,
      because: "df(4, 3, 20, ncp = 2)")
    expectClose(
      Beta(shape1: 2, shape2: 5).cdf(0.3), 0.57982500000000015, relative: 1e-14, because: "pbeta(0.3, 2, 5)")
    expectClose(
      Beta(shape1: 5, shape2: 11).quantile(0.025), 0.11824110336688082, relative: 1e-14,
      because: "qbeta(0.025, 5, 11)")
    expectClose(Beta(shape1: 2, shape2: 3).density(0.2), 1.536, relative: 1e-14, because: "dbeta(0.2, 2, 3)")
    expectClose(
      Gamma(shape: 2.5, scale: 1.5).cdf(3), 0.45058404864721979, relative: 1e-14,
      because: "pgamma(3, 2.5, scale = 1.5)")
    expectClose(
      Gamma(shape: 0.5, scale: 2).quantile(0.1), 0.015790774093431229, relative: 1e-14,
      because: "qgamma(0.1, 0.5, scale = 2)")
    expectClose(
      Gamma(shape: 3, scale: 0.7).density(2), 0.33488407736220038, relative: 1e-14,
      because: "dgamma(2, 3, scale = 0.7)")
    expectClose(
      Weibull(shape: 1.3, scale: 3).cdf(2), 0.44584545120590152, relative: 1e-14,
      because: "pweibull(2, 1.3, scale = 3)")
    expectClose(
      Weibull(shape: 1.3, scale: 3).quantile(0.2), 0.9463075082777942, relative: 1e-14,
      because: "qweibull(0.2, 1.3, scale = 3)")
    expectClose(
      Weibull(shape: 1.3, scale: 3).density(2), 0.21263053032825083, relative: 1e-14,
      because: "dweibull(2, 1.3, scale = 3)")
    expectClose(
      Logistic(location: 1, scale: 2).cdf(3), 0.7310585786300049, relative: 1e-14, because: "plogis(3, 1, 2)")
    expectClose(
      Logistic(location: 1, scale: 2).quantile(0.1), -3.3944491546724382, relative: 1e-14,
      because: "qlogis(0.1, 1, 2)")
    expectClose(
      Logistic(location: 1, scale: 2).density(3), 0.098305966620740939, relative: 1e-14,
      because: "dlogis(3, 1, 2)")
    expectClose(
      LogNormal(meanLog: 0.1, sdLog: 0.7).cdf(2), 0.80160083540143645, relative: 1e-14,
      because: "plnorm(2, 0.1, 0.7)")
    expectClose(
      LogNormal(meanLog: 0.1, sdLog: 0.7).quantile(0.2), 0.61315662896791168, relative: 1e-14,
      because: "qlnorm(0.2, 0.1, 0.7)")
    expectClose(
      LogNormal(meanLog: 0.1, sdLog: 0.7).density(2), 0.19900717081740402, relative: 1e-14,
      because: "dlnorm(2, 0.1, 0.7)")
    expectClose(Cauchy(location: 1, scale: 2).cdf(3), 0.75, relative: 1e-14, because: "pcauchy(3, 1, 2)")
    expectClose(
      Cauchy(location: 1, scale: 2).quantile(0.9), 7.1553670743505089, relative: 1e-14,
      because: "qcauchy(0.9, 1, 2)")
    expectClose(
      Cauchy(location: 1, scale: 2).density(3), 0.079577471545947673, relative: 1e-14,
      because: "dcauchy(3, 1, 2)")
    expectClose(Exponential(mean: 3).cdf(2), 0.48658288096740798, relative: 1e-14, because: "pexp(2, 1/3)")
    expectClose(
      Exponential(mean: 3).quantile(0.3), 1.0700248318161969, relative: 1e-14, because: "qexp(0.3, 1/3)")
    expectClose(
      Exponential(mean: 3).density(2), 0.17113903967753066, relative: 1e-14, because: "dexp(2, 1/3)")
  }

  @Test("discrete ones too")
  func discrete() {
    expectClose(
      Binomial(size: 10, probability: 0.4).cdf(3), 0.38228060159999988, relative: 1e-14,
      because: "pbinom(3, 10, 0.4)")
    expectClose(
      Binomial(size: 10, probability: 0.4).quantile(0.5), 4, relative: 1e-14, because: "qbinom(0.5, 10, 0.4)")
    expectClose(
      Binomial(size: 10, probability: 0.4).density(3), 0.21499084800000001, relative: 1e-14,
      because: "dbinom(3, 10, 0.4)")
    expectClose(Poisson(mean: 2.2).cdf(4), 0.92750369114220033, relative: 1e-14, because: "ppois(4, 2.2)")
    expectClose(Poisson(mean: 2.2).quantile(0.9), 4, relative: 1e-14, because: "qpois(0.9, 2.2)")
    expectClose(Poisson(mean: 2.2).density(4), 0.10815126943886204, relative: 1e-14, because: "dpois(4, 2.2)")
    expectClose(
      NegativeBinomial(size: 1.7, mean: 2.2).cdf(4), 0.86146057137215459, relative: 1e-14,
      because: "pnbinom(4, 1.7, mu = 2.2)")
    expectClose(
      NegativeBinomial(size: 1.7, mean: 2.2).quantile(0.9), 5, relative: 1e-14,
      because: "qnbinom(0.9, 1.7, mu = 2.2)")
    expectClose(
      NegativeBinomial(size: 1.7, mean: 2.2).density(4), 0.082089319485135495, relative: 1e-14,
      because: "dnbinom(4, 1.7, mu = 2.2)")
    expectClose(
      Hypergeometric(white: 5, black: 7, drawn: 6).cdf(3), 0.8787878787878789, relative: 1e-14,
      because: "phyper(3, 5, 7, 6)")
    expectClose(
      Hypergeometric(white: 5, black: 7, drawn: 6).quantile(0.5), 2, relative: 1e-14,
      because: "qhyper(0.5, 5, 7, 6)")
    expectClose(
      Hypergeometric(white: 5, black: 7, drawn: 6).density(3), 0.37878787878787873, relative: 1e-14,
      because: "dhyper(3, 5, 7, 6)")
    expectClose(
      RankSum(m: 5, n: 7).cdf(10), 0.13383838383838387, relative: 1e-14, because: "pwilcox(10, 5, 7)")
    expectClose(RankSum(m: 5, n: 7).quantile(0.05), 7, relative: 1e-14, because: "qwilcox(0.05, 5, 7)")
    expectClose(
      RankSum(m: 5, n: 7).density(10), 0.032828282828282832, relative: 1e-14, because: "dwilcox(10, 5, 7)")
    expectClose(SignedRank(n: 9).cdf(10), 0.08203125, relative: 1e-14, because: "psignrank(10, 9)")
    expectClose(SignedRank(n: 9).quantile(0.05), 9, relative: 1e-14, because: "qsignrank(0.05, 9)")
    expectClose(
      SignedRank(n: 9).density(10), 0.017578124999999997, relative: 1e-14, because: "dsignrank(10, 9)")
  }

  @Test("studentised ranges and special functions are R's")
  func others() {
    expectClose(
      StudentisedRange(means: 4, df: 20).cdf(3.5, tail: .upper), 0.094958450548556672, relative: 1e-12,
      because: "ptukey(3.5, 4, 20, lower.tail = FALSE)")
    expectClose(
      StudentisedRange(means: 3, df: 12).quantile(0.95), 3.7729289594083459, relative: 1e-12,
      because: "qtukey(0.95, 3, 12)")
    expectClose(
      StudentisedRange(means: 3, df: .infinity).cdf(3.3), 0.94868909358101372, relative: 1e-12,
      because: "ptukey(3.3, 3, Inf)")
    expectClose(
      SpecialFunctions.logGamma(-1.5), 0.86004701537648109, relative: 1e-14, because: "lgamma(-1.5)")
    expectClose(SpecialFunctions.digamma(2.3), 0.60003988036396994, relative: 1e-14, because: "digamma(2.3)")
    expectClose(SpecialFunctions.trigamma(0.4), 7.2753565905295972, relative: 1e-14, because: "trigamma(0.4)")
    expectClose(
      SpecialFunctions.logBeta(2, 3.5), -2.7568403652716422, relative: 1e-14, because: "lbeta(2, 3.5)")
    expectClose(
      SpecialFunctions.logChoose(50, 7), 18.419524075268985, relative: 1e-14, because: "lchoose(50, 7)")
  }

  @Test("upper tails keep their digits where one minus the lower tail would lose them")
  func tails() {
    // By symmetry.
    #expect(Normal().cdf(12, tail: .upper) == Normal().cdf(-12))
    #expect(StudentT(df: 4).cdf(1e6, tail: .upper) == StudentT(df: 4).cdf(-1e6))
    #expect(Normal().twoSided(-1.96) == 2 * Normal().cdf(-1.96))
    #expect(StudentT(df: 3).twoSided(0) == 1)
    #expect(Normal().twoSided(.nan).isNaN && StudentT(df: 3).twoSided(.nan).isNaN)
    expectClose(Normal().quantile(1e-20, tail: .upper), -Normal().quantile(1e-20), relative: 1e-15)
    expectClose(StudentT(df: .infinity).cdf(1.3), Normal().cdf(1.3), relative: 1e-15)
  }

  @Test("a mass between whole numbers is zero")
  func betweenWholeNumbers() {
    #expect(Binomial(size: 3, probability: 0.5).density(1.5) == 0)
    #expect(Poisson(mean: 2).density(0.5, log: true) == -.infinity)
    #expect(Hypergeometric(white: 3, black: 3, drawn: 2).density(0.5) == 0)
    #expect(NegativeBinomial(size: 2, mean: 1).density(0.5) == 0)
    #expect(RankSum(m: 3, n: 3).density(0.5) == 0)
    #expect(SignedRank(n: 3).density(0.5) == 0)
  }

  @Test("exact rank distributions may be asked from many threads")
  func threads() async {
    let expected = RankSum(m: 6, n: 9).cdf(20)
    await withTaskGroup(of: Bool.self) { group in
      for i in 0..<32 {
        group.addTask {
          _ = RankSum(m: Double(3 + i % 5), n: Double(4 + i % 7)).cdf(5)
          _ = SignedRank(n: Double(5 + i % 9)).cdf(9)
          return RankSum(m: 6, n: 9).cdf(20) == expected
        }
      }
      for await isEqual in group { #expect(isEqual) }
    }
  }
}
