import Testing
import TrialData

@testable import TrialBatch

@Suite("Batch files")
struct BatchPlanTests {
  static let text = """
    batch: grid
    trial: .
    grid:
      - axis: people
        options: [{id: all}, {id: young, filter: age < 30}]
      - axis: seed-of-run
        options: [{id: s1, seed: 1}, {id: s2, seed: 2}, {id: s3, seed: 3}]
    skip:
      - {people: young, seed-of-run: s2}
    curves:
      - {id: c, record: a/b/c}
    """

  @Test("the grid is the product of the axes, the last varying fastest, without what is skipped")
  func combinations() throws {
    let plan = try BatchPlanReader.read(Self.text, file: "b.yml")
    let ids = plan.combinations().map { $0.map(\.id).joined(separator: "/") }
    #expect(ids == ["all/s1", "all/s2", "all/s3", "young/s1", "young/s3"])
    #expect(plan.curves[0].records == ["a/b/c"])
  }

  @Test("every fault of a batch file is told with its place")
  func faults() throws {
    let bad = """
      batch: my grid
      trial: .
      gird: []
      grid:
        - axis: estimate
          options: [{id: a, filtr: x}, {id: a, seed: -1}]
      skip:
        - {people: all}
      """
    let error = try #require(throws: DataError.self) { try BatchPlanReader.read(bad, file: "b.yml") }
    let messages = error.problems.map { "\($0.line ?? 0): \($0.found)" }
    for expected in [
      "1: batch: found 'my grid'", "3: gird: unknown key 'gird'",
      "5: grid[1].axis: found 'estimate'", "6: grid[1].options[1].filtr: unknown key 'filtr'",
      "6: grid[1].options[2].id: the option 'a' twice", "6: grid[1].options[2].seed: found '-1'",
      "8: skip[1].people: unknown key 'people'",
    ] {
      #expect(messages.contains { $0.hasPrefix(expected) }, "\(expected) in \(messages)")
    }
  }

  @Test("a filter that cannot be read, an unknown profile and a path without form are faults of the file")
  func options() throws {
    let bad = """
      batch: grid
      trial: .
      grid:
        - axis: a
          options:
            - {id: a, filter: "age >"}
            - {id: b, conventions: spss}
            - {id: c, set: {"derive[0].x": 1}}
            - {id: d, set: {"derive[1.x": 1}}
      """
    let error = try #require(throws: DataError.self) { try BatchPlanReader.read(bad, file: "b.yml") }
    let messages = error.problems.map(\.description)
    for (message, expected) in zip(
      messages,
      [
        "b.yml:6:17: grid[1].options[1].filter: found 'age >' (",
        "b.yml:7:17: grid[1].options[2].conventions: found 'spss'",
        "b.yml:8:23: grid[1].options[3].set.derive[0].x: found 'derive[0].x' (lists count from 1, so that [0] is none)",
        "b.yml:9:23: grid[1].options[4].set.derive[1.x: found 'derive[1.x' (no ']')",
      ])
    {
      #expect(message.hasPrefix(expected), "\(messages)")
    }
    #expect(messages.count == 4)
  }

  @Test("a shard has every n-th place, and the shards have all")
  func slurmScripts() {
    let job = SlurmJob(
      name: "b", folder: "/scratch/it's", program: "/opt/hekta", subcommand: "batch", shards: 3,
      resources: {
        var resources = SlurmJob.Resources()
        resources.partition = "normal"
        resources.time = "00:10:00"
        return resources
      }())
    #expect(job.arrayScript.contains("#SBATCH --array=1-3\n"))
    #expect(job.arrayScript.contains("#SBATCH --partition=normal\n#SBATCH --time=00:10:00"))
    #expect(!job.arrayScript.contains("--mem"))
    #expect(job.arrayScript.contains(#"'/scratch/it'\''s'"#))
    #expect(!job.arrayScript.contains("HOME") && !job.gatherScript.contains("HOME"))
    #expect(job.arrayScript.contains("#SBATCH --output=/scratch/it's/log/%A-%a.txt\n"))
    let portable = job.portableScript(
      file: "my plan's $x.yml", fileOption: "--simulate", options: ["--seed", "3", "--analyses", "a b"])
    #expect(portable.contains(#"file='my plan'\''s $x.yml'"#))
    #expect(
      portable.contains(
        #"exec "$HEKTA" batch --simulate "$BATCH" --out "$OUT" '--seed' '3' '--analyses' 'a b' --resume --prepare"#
      ))
  }

  @Test("a folder's own % is no field of Slurm's, and one with a space stands in quotes")
  func slurmLogs() {
    let job = SlurmJob(
      name: "b", folder: "/scratch/5 %a", program: "/opt/hekta", subcommand: "batch", shards: 3,
      resources: SlurmJob.Resources())
    #expect(job.arrayScript.contains("#SBATCH --output=\"/scratch/5 %%a/log/%A-%a.txt\"\n"))
  }
}
