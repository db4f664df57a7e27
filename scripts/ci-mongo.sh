#!/bin/sh
# Starts a server that speaks the MongoDB wire protocol, for `npm run test:mongo` where no MongoDB is at hand.
# It is mongo-java-server with its memory backend: unique and sparse indexes, upserts and findAndModify work for real.
# Needs a JDK (javac) and Maven. Prints two lines for the caller to read:
#   MONGO_TEST_URI=mongodb://127.0.0.1:PORT/
#   MONGO_TEST_PID=...   (kill it when done)
set -eu

version=1.47.0
cache="${XDG_CACHE_HOME:-$HOME/.cache}/jarvis-argus/mongo-wire-$version-1"
class_path="$cache/classes:$cache/lib/*"

build() {
  command -v mvn >/dev/null && command -v javac >/dev/null || { echo 'ci-mongo: a JDK and Maven are needed' >&2; return 1; }
  mkdir -p "$(dirname "$cache")"
  # Built aside and moved in one step, so that two runs at the same time do not see half of it.
  work=$(mktemp -d "$cache.XXXXXX")
  mkdir "$work/classes"
  cat > "$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>ci</groupId>
  <artifactId>mongo-wire</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>de.bwaldvogel</groupId>
      <artifactId>mongo-java-server</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
POM
  cat > "$work/MongoWire.java" <<'JAVA'
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

public final class MongoWire {
    /** The server says wire version 8 of itself, which drivers no longer accept; what it answers is understood all the same. */
    private static final class Version implements MongoVersion {
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        public int getWireVersion() {
            return 13;
        }
    }

    public static void main(String[] arguments) {
        MongoServer server = new MongoServer(new MemoryBackend().version(new Version()));
        server.bind("127.0.0.1", arguments.length == 0 ? 0 : Integer.parseInt(arguments[0]));
        System.out.println("MONGO_TEST_URI=mongodb://127.0.0.1:" + server.getLocalAddress().getPort() + "/");
    }
}
JAVA
  (cd "$work" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib >&2 && javac -cp 'lib/*' -d classes MongoWire.java >&2)
  mv -T "$work" "$cache" 2>/dev/null || rm -rf "$work"
}

[ -f "$cache/classes/MongoWire.class" ] || build

out=$(mktemp)
trap 'rm -f "$out"' EXIT
nohup java -Xmx512m -cp "$class_path" MongoWire >"$out" 2>/dev/null </dev/null &
pid=$!
tries=0
until grep -q MONGO_TEST_URI "$out"; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ] || ! kill -0 "$pid" 2>/dev/null; then
    kill "$pid" 2>/dev/null || true
    echo 'ci-mongo: the server did not start' >&2
    exit 1
  fi
  sleep 0.1
done
cat "$out"
echo "MONGO_TEST_PID=$pid"
