import Testing

@testable import TrialData

@Suite("The committed trials")
struct FixtureTests {
  @Test(
    "hold nothing that the privacy screen refuses, and obey their codebooks", arguments: ["help", "hekta"])
  func fixtures(name: String) throws {
    let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Fixtures/\(name)"
    let codebook = try Codebook(path: path + "/codebook.yml")
    let data = try TrialDataset.load(directory: path, codebook: codebook)
    #expect(data.files.count == codebook.files.count)
  }
}
