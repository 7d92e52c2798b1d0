# Runs a command with a folder as its `/`: sh enter.sh ROOT rw|ro PYTHON USER WORKDIR [NAME=VALUE…] COMMAND…
# It is started in a mount namespace of its own and leaves nothing behind: see image.py.
set -eu
root=$1 mode=$2 python=$3 user=$4 workdir=$5
shift 5

show() { # FROM AT: read-only
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    mount -o remount,bind,ro "$root$2"
}

mount --bind "$root" "$root"
for folder in /bin /sbin /lib /lib64; do
    if [ -L "$folder" ]; then [ -L "$root$folder" ] || cp -P "$folder" "$root$folder"
    elif [ -d "$folder" ]; then show "$folder" "$folder"; fi
done
show /usr /usr
case $python in /usr*) ;; *) show "$python" "$python" ;; esac
show /etc /etc
mkdir -p "$root/root" "$root/tmp" "$root/proc" "$root/dev"
if [ -f /root/.npmrc ]; then # how this machine reaches the registry
    touch "$root/root/.npmrc"
    mount --bind /root/.npmrc "$root/root/.npmrc"
fi
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
chmod 1777 "$root/tmp"
if [ "$mode" = ro ]; then
    mount -t tmpfs -o size=64m,mode=1777 tmpfs "$root/tmp"
    mount -o remount,bind,ro "$root"
fi

exec chroot --userspec="$user" "$root" /usr/bin/env --ignore-environment --chdir="$workdir" "$@"
