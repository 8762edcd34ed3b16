import Glibc
import Regression
import TestSupport
import Testing

@Suite("Profile-likelihood limits")
struct ProfileTests {
  /// R 4.2.2: `uniroot` (tolerance 1e-11 standard errors) on the deviance of `glm.fit` with the coefficient as offset.
  @Test("Logistic regression at 95 and 99 %")
  func logistic() throws {
    let t = TestTable("birthwt")
    let fit = try GeneralisedLinearModel(family: .binomial).fit(
      regression(
        t.numbers("low"), ["age": t.numbers("age"), "lwt": t.numbers("lwt"), "smoke": t.numbers("smoke")]))
    let reference: [(Double, [(Double, Double)])] = [
      (
        0.95,
        [
          (-0.570792821221990709, 3.423883515281249679), (-0.105052299960408047, 0.023785386002109530),
          (-0.024969797374725995, -0.000755811407802405), (0.032676093270005049, 1.313823439035202600),
        ]
      ),
      (
        0.99,
        [
          (-1.16559970080926556, 4.10224270587579021), (-0.12672719336504912, 0.04314443619738194),
          (-0.02936543127693804, 0.00261510663515583), (-0.16860390258688043, 1.51868921535394752),
        ]
      ),
    ]
    for (level, limits) in reference {
      for j in 0..<4 {
        let (low, high) = try fit.profileLimits(of: j, level: level)
        expectClose(low!, limits[j].0, relative: 1e-8)
        expectClose(high!, limits[j].1, relative: 1e-8)
      }
    }
  }

  @Test("A gamma model, with the dispersion held at its estimate")
  func gamma() throws {
    let t = TestTable("clotting")
    let fit = try GeneralisedLinearModel(family: .gamma, link: .log).fit(
      regression(t.numbers("lot2"), ["log(u)": t.numbers("u").map { log($0) }]))
    let (low, high) = try fit.profileLimits(of: 1, level: 0.95)
    expectClose(low!, -0.667687337506221, relative: 1e-8)
    expectClose(high!, -0.468270835726964, relative: 1e-8)
  }

  @Test("A single proportion: the likelihood-ratio limits solve their equation")
  func proportion() throws {
    let fit = try GeneralisedLinearModel(family: .binomial).fit(
      regression([0.3], [:], weights: [10]))
    let (low, high) = try fit.profileLimits(of: 0, level: 0.9)
    for limit in [low!, high!] {
      let p = 1 / (1 + exp(-limit))
      let rise = 2 * (3 * log(0.3 / p) + 7 * log(0.7 / (1 - p)))
      expectClose(rise, 2.705543454095404, relative: 1e-9)
    }
  }

  @Test("Limits of a risk difference stay where probabilities exist")
  func riskDifference() throws {
    let fit = try GeneralisedLinearModel(family: .binomial, link: .identity).fit(
      regression([0.9, 0.5], ["x": [0, 1]], weights: [10, 10]))
    expectClose(fit.coefficients[1]!, -0.4, relative: 1e-9)
    let (low, high) = try fit.profileLimits(of: 1, level: 0.95)
    #expect(low! > -1 && low! < -0.4 && high! > -0.4 && high! < 0.1)
  }
}
