import Foundation
import Testing
import TrialData
import TrialSimulation

@Suite("Simulated trials in memory")
struct SimulatedDatasetTests {
  @Test("what a study analyses is what its files would be read as", arguments: [1, 20_200_301] as [UInt64])
  func equalsFiles(_ seed: UInt64) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hekta-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let export = SimulatedExport(EmploymentTrialModel(), seed: seed)
    for file in export.files {
      try file.text.write(to: folder.appendingPathComponent(file.name), atomically: true, encoding: .utf8)
    }
    let path = folder.appendingPathComponent("codebook.yml").path
    try TrialTemplate.codebook.write(toFile: path, atomically: true, encoding: .utf8)
    let codebook = try Codebook(path: path)
    let read = try TrialDataset.load(directory: folder.path, codebook: codebook)
    let made = try TrialDataset(
      codebook: codebook, tables: export.tables.map { (file: $0.name, frame: $0.frame) })
    #expect(made.files.map(\.name) == read.files.map(\.name))
    for (one, other) in zip(made.files, read.files) {
      #expect(one.frame.names == other.frame.names)
      for name in one.frame.names {
        // NaN is no value of its own: compared as it is written.
        #expect("\(one.frame[name]!)" == "\(other.frame[name]!)", "\(one.name).\(name)")
      }
      #expect(one.frame.lines == other.frame.lines)
    }
  }

  @Test("a column with a code of a missing value, and a value out of range, are read as from a file")
  func rules() throws {
    let text = """
      files:
        - name: participants
          file: participants.csv
          key: [id]
          columns:
            - {name: id, type: id}
            - {name: age, type: integer, range: [18, 40]}
            - {name: work_years, type: integer, missing: {unknown: ["0"]}}
      """
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hekta-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func dataset(_ text: String) throws -> TrialDataset {
      let path = folder.appendingPathComponent("codebook.yml").path
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let export = SimulatedExport(EmploymentTrialModel(), seed: 1, only: ["participants.csv"])
      return try TrialDataset(
        codebook: try Codebook(path: path), tables: export.tables.map { (file: $0.name, frame: $0.frame) })
    }
    #expect(throws: DataError.self) { try dataset(text) }
    let read = try dataset(text.replacing("range: [18, 40]", with: "range: [18, 65]"))
    guard case .numeric(let years)? = read.files[0].frame["work_years"] else { throw DataError([]) }
    #expect(years.contains(where: \.isNaN) && !years.contains(0))
  }
}
