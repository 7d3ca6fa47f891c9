# Tells the test: `tell NAME VALUE`.
tell() {
  curl --silent --output /dev/null --data-binary "@-" "http://127.0.0.1:8000/tell/$1" <<<"$2"
}
