import Serialisation
import TrialData

/// The vintages of a store for programs.
struct VintageList {
  let json: JSONValue

  init(_ vintages: [TrialStore.Vintage]) {
    json = [
      "vintages": .array(
        vintages.map { vintage in
          [
            "name": .string(vintage.name), "imported": .string(vintage.imported),
            "files": .array(
              vintage.files.map {
                ["file": .string($0.file), "sha256": .string($0.sha256), "rows": .integer($0.rows)]
              }),
          ]
        })
    ]
  }
}
