import Serialisation
import TestSupport
import Testing

/// What SAS printed for the FEV data of the R package mmrm.
///
/// The listings are public in the repository of openpharma/mmrm (design/SAS: sas_log_reml.txt, sas_csh_reml.txt,
/// sas_toeph_reml.txt, sas_ar1h_reml.txt, sas_antedependence_reml.txt), SAS's `PROC MIXED … method=reml` with
/// `ddfm=satterthwaite` and `REPEATED AVISIT / subject=USUBJID type=…`. Estimates are printed with four decimals, degrees
/// of freedom as whole numbers, and SAS stops where its criterion is below 1e-8, some 1e-5 above the least −2 log L.
@Suite("MMRM against SAS PROC MIXED")
struct SASMixedTests {
  private func fit(_ formula: String, _ options: [String] = []) throws -> JSONValue {
    let data = HektaProcess.resource("Reference/data/fev.csv").path
    let outcome = try HektaProcess.run(
      ["fit", "mmrm", formula, "--data", data, "--format", "json"] + options)
    return try JSONValue(parsing: outcome.output)
  }

  private func number(_ value: JSONValue?) -> Double { value?.double ?? .nan }

  @Test("An unstructured covariance with covariates")
  func unstructured() throws {
    let report = try fit("FEV1 ~ RACE + SEX + ARMCD*AVISIT + us(AVISIT|USUBJID)", ["--anova", "3"])
    let criterion = number(report["fit"]?["remlCriterion"])
    #expect(criterion <= 3386.44987722)
    expectClose(criterion, 3386.44987722, absolute: 1e-5)
    // Estimate, standard error, df, t, p. SAS's reference of SEX is Male, hence the sign.
    let expected: [String: [Double]] = [
      "ARMCDTRT": [3.7745, 1.0741, 146, 3.51, 0.0006], "AVISITVIS2": [4.8396, 0.8016, 144, 6.04, 0],
      "AVISITVIS3": [10.3422, 0.8227, 156, 12.57, 0], "AVISITVIS4": [15.0537, 1.3129, 138, 11.47, 0],
      "ARMCDTRT:AVISITVIS2": [-0.04231, 1.1292, 139, -0.04, 0.9702],
      "ARMCDTRT:AVISITVIS3": [-0.6939, 1.1876, 158, -0.58, 0.5599],
      "ARMCDTRT:AVISITVIS4": [0.6240, 1.8510, 130, 0.34, 0.7366],
      "RACEBlack or African American": [1.5305, 0.6244, 169, 2.45, 0.0153],
      "RACEWhite": [5.6436, 0.6656, 157, 8.48, 0], "SEXMale": [-0.3262, 0.5319, 166, -0.61, 0.5406],
    ]
    let rows = report["coefficients"]?.elements ?? []
    for (term, values) in expected {
      let row = try #require(rows.first { $0["term"]?.text == term })
      expectClose(number(row["estimate"]), values[0], absolute: 3e-4)
      expectClose(number(row["std.error"]), values[1], absolute: 2e-4)
      expectClose(number(row["df"]), values[2], absolute: 0.5)
      expectClose(number(row["statistic"]), values[3], absolute: 6e-3)
      expectClose(number(row["p.value"]), values[4], absolute: 3e-4)
    }
    // By SAS's order of visits VIS1 to VIS4.
    let variances = [40.5509, 26.5692, 14.8970, 95.5528]
    let matrix = report["covariance"]?.elements ?? []
    for (i, value) in variances.enumerated() {
      expectClose(number(matrix[i].elements[i]), value, relative: 3e-4)
    }
    let tests = report["anova"]?.elements ?? []
    // The df of a test of several columns depend on its rows: SAS's are the differences from its reference, here VIS1.
    for (term, statistic, df2) in [
      ("ARMCD", 31.67, 169.0), ("RACE", 36.92, 166), ("SEX", 0.38, 166), ("AVISIT", 142.11, 148),
      ("ARMCD:AVISIT", 0.26, 148),
    ] {
      let row = try #require(tests.first { $0["term"]?.text == term })
      expectClose(number(row["statistic"]), statistic, absolute: 1e-2)
      expectClose(number(row["df2"]), df2, absolute: 0.5)
    }
  }

  @Test(
    "Heterogeneous structures with the mean alone",
    arguments: [
      ("csh", 3784.85341599, [41.9964, 0.3575, 199], [104.61, 38.6137, 31.3143, 178.91]),
      ("toeph", 3722.38018329, [41.6726, 0.3822, 185], [90.4041, 38.5927, 36.1518, 175.78]),
      ("ar1h", 3739.96835012, [41.6955, 0.3947, 191], [92.3009, 38.5178, 35.2148, 176.37]),
      ("adh", 3713.49317786, [42.9009, 0.3529, 171], [114.89, 44.6313, 26.8922, 158.47]),
    ])
  func structures(structure: String, criterion: Double, mean: [Double], variances: [Double]) throws {
    let report = try fit("FEV1 ~ \(structure)(AVISIT|USUBJID)")
    let found = number(report["fit"]?["remlCriterion"])
    #expect(found <= criterion + 1e-8)
    expectClose(found, criterion, absolute: 1e-5)
    let row = try #require(report["coefficients"]?.elements.first)
    // Where SAS stopped by so much above the least −2 log L, an estimate is off by the root of that in standard errors.
    let early = max(0, criterion - found).squareRoot()
    expectClose(number(row["estimate"]), mean[0], absolute: 5e-5 + early * mean[1])
    expectClose(number(row["std.error"]), mean[1], absolute: 2e-4)
    expectClose(number(row["df"]), mean[2], absolute: 0.5)
    let matrix = report["covariance"]?.elements ?? []
    for (i, value) in variances.enumerated() {
      expectClose(number(matrix[i].elements[i]), value, relative: 3e-4)
    }
  }
}
