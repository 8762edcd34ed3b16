import Foundation
import Serialisation
import Testing

@Suite("hekta derive")
struct DeriveCommandTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write("p.csv", "id,inclusion_date,arm\nA,2020-08-31,IPS\nB,2020-03-01,control\n")
    try write(
      "s.csv",
      "id,establishment,start,end,position_pct,full_time_hours,type\n"
        + "A,e1,2020-09-07,2020-09-16,50,37.5,ordinary\nA,e2,2020-09-07,2020-09-16,50,37.5,ordinary\n"
        + "B,e1,2020-05-17,2020-08-31,100,37.5,ordinary\n")
    try write("pay.csv", "id,month,amount\nA,2020-08,3100\nA,2020-09,10000\n")
  }

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  private func employment(_ options: [String]) throws -> HektaProcess.Outcome {
    defer { try? FileManager.default.removeItem(at: folder) }
    return try HektaProcess.run(
      ["derive", "employment", "--participants", "p.csv", "--spells", "s.csv"] + options, in: folder)
  }

  @Test("a grid of definitions and earnings stand between the outcomes and the further columns")
  func grid() throws {
    let result = try employment([
      "--grid", "--define", "rich=days>=5&earnings>=5000", "--pay", "pay.csv", "--edge-months", "inside",
    ])
    #expect(result.status == 0)
    #expect(
      result.output == """
        id,employed,days_worked,hours,jobs,longest_job_days,days_to_first_job,sustained,pre_existing,flags,earnings,\
        employed_day,employed_days30,employed_weeks13,employed_half,employed_rich,arm
        A,1,10,53.57142857142857,2,10,7,0,0,,10000,1,0,0,0,1,IPS
        B,1,107,573.2142857142857,1,107,77,1,0,,0,1,1,1,0,0,control

        """)
  }

  @Test("the series by month is what a mixed model takes")
  func monthly() throws {
    let result = try employment([
      "--monthly", "--months-window", "6", "--month-days", "16", "--format", "json",
    ])
    #expect(result.status == 0)
    let rows = try JSONValue(parsing: result.output).elements
    #expect(rows.count == 12 && rows[0]["arm"]?.text == "IPS")
    #expect(rows.filter { $0["id"]?.text == "B" }.map { $0["employed"]?.double } == [0, 0, 0, 1, 1, 1])
    #expect(
      rows.filter { $0["id"]?.text == "B" }.map { $0["days_worked"]?.double } == [0, 0, 15, 30, 31, 31])
  }

  @Test(
    "options that would do nothing, and rules that say nothing, are usage errors",
    arguments: [
      ["--pay", "pay.csv"], ["--edge-months", "whole"], ["--define", "x=earnings>=1"],
      ["--define", "x=days"],
      ["--month-days", "3"], ["--absence-days", "absent"], ["--monthly", "--grid"],
      ["--grid", "--define", "day=days>=2"], ["--edge-months", "half"],
    ])
  func usage(_ options: [String]) throws {
    let result = try employment(options)
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.errors.contains("Usage: hekta derive employment"))
  }

  @Test("every fault of the spells is told with file and line, and nothing is written")
  func faults() throws {
    try write(
      "s.csv",
      "id,establishment,start,end,position_pct,full_time_hours,type\n"
        + "A,e1,2020-09-07,2020-09-01,50,37.5,x\nZ,e2,2020-13-07,2020-09-16,50,37.5,x\n")
    let out = folder.appendingPathComponent("out.csv").path
    let result = try employment(["--out", out])
    #expect(result.status == 65)
    for place in ["s.csv:3:id: ", "s.csv:3:start: ", "s.csv:2:end: "] {
      #expect(result.errors.contains(place))
    }
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test("IPS fidelity comes with its band and the sums of its parts")
  func fidelity() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let items = (1...25).map { "i\($0)" }
    let answers = (1...25).map { $0 <= 3 ? "5" : $0 <= 11 ? "4" : "3" }
    let incomplete = answers.indices.map { $0 == 20 ? "" : answers[$0] }
    try write(
      "sites.csv",
      ([["site"] + items, ["A"] + answers, ["B"] + incomplete]).map { $0.joined(separator: ",") }
        .joined(separator: "\n") + "\n")
    let columns = items.map { "{name: \($0), type: integer}" }.joined(separator: ", ")
    try write(
      "c.yml",
      """
      files:
        - file: sites.csv
          columns: [{name: site, type: id}, \(columns)]
          scales: [{instrument: IPS-25, name: fidelity, items: [\(items.joined(separator: ", "))]}]
      """)
    let result = try HektaProcess.run(
      ["derive", "scores", "--data", "sites.csv", "--codebook", "c.yml"], in: folder)
    #expect(result.status == 0)
    let rows = result.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).suffix(6).joined(separator: ",")
    }
    #expect(
      rows == [
        "fidelity,fidelity_answered,fidelity_band,fidelity_staffing,fidelity_organisation,fidelity_services",
        "89,25,fair,15,32,42", "NA,24,NA,15,32,NA",
      ])
  }
}
